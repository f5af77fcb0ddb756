import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mixWithOracle, type OracleOptions, uniformNoise } from "../src/index.js";
import { expectClose, expectNoLeak, numbers, vjp } from "./helpers.js";

const predicted = () => tf.tensor2d([0.2, 0.3, 0.5, 0.6, 0.4, 0], [2, 3]);
const distribution = () => tf.tensor2d([0.1, 0.1, 0.8, 0.3, 0.3, 0.4], [2, 3]);

describe("mixWithOracle", () => {
  it("equals its inputs bit for bit at probability 0 and 1, in both modes", () => {
    fc.assert(
      fc.property(fc.constantFrom("convex" as const, "bernoulli" as const), fc.integer(), (mode, seed) => {
        const noise = uniformNoise([2], createRng(seed));
        const mix = (probability: number) => mixWithOracle(predicted(), distribution(), { mode, probability, noise });
        expect(numbers(mix(0))).toEqual(numbers(predicted()));
        expect(numbers(mix(1))).toEqual(numbers(distribution()));
      }),
    );
  });

  it("blends every row in mode convex, and scales the gradient by 1 − ε", () => {
    const options = { mode: "convex", probability: 0.25 } as const;
    expectClose(mixWithOracle(predicted(), distribution(), options), [0.175, 0.25, 0.575, 0.525, 0.375, 0.1]);
    const g = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const gradient = vjp((w) => mixWithOracle(w, distribution(), options), predicted(), g);
    expectClose(gradient, [0.75, 1.5, 2.25, 3, 3.75, 4.5]);
  });

  it("takes whole rows in mode bernoulli, and passes the gradient of the predicted rows alone", () => {
    const options = { mode: "bernoulli", probability: tf.scalar(0.5), noise: tf.tensor1d([0.3, 0.7]) } as const;
    const oracle = tf.tensor1d([2, 1], "int32");
    expectClose(mixWithOracle(predicted(), oracle, options), [0, 0, 1, 0.6, 0.4, 0]);
    const gradient = vjp((w) => mixWithOracle(w, oracle, options), predicted(), tf.ones([2, 3]));
    expectClose(gradient, [0, 0, 0, 1, 1, 1], { atol: 0 });
  });

  it("takes the oracle as often as the probability says (4 standard errors, false alarm 6e-5)", () => {
    const n = 20_000;
    const noise = uniformNoise([n], createRng("share"));
    const mixed = mixWithOracle(tf.zeros([n, 2]), tf.ones([n, 2]), { mode: "bernoulli", probability: 0.3, noise });
    expectClose(tf.mean(mixed), 0.3, { atol: 4 * Math.sqrt((0.3 * 0.7) / n) });
  });

  it("gives the oracle and the probability no gradient", () => {
    const f = (o: tf.Tensor) => mixWithOracle(tf.mul(o, 0), o, { mode: "convex", probability: 0.5 });
    expectClose(vjp(f, distribution(), tf.ones([2, 3])), [0, 0, 0, 0, 0, 0], { atol: 0 });
  });

  it("leaves no tensor behind", () => {
    const [w, o, noise] = [predicted(), tf.tensor1d([0, 1], "int32"), tf.tensor1d([0.1, 0.9])];
    for (const mode of ["convex", "bernoulli"] as const) {
      const options = { mode, probability: 0.5, noise };
      expectNoLeak(() => mixWithOracle(w, o, options));
      expectNoLeak(() => vjp((x) => mixWithOracle(x, o, options), w, w));
    }
  });

  it("refuses bernoulli without noise, probabilities outside [0, 1], unknown modes and shapes that do not fit", () => {
    const mix = (oracle: tf.Tensor, options: OracleOptions) => () => mixWithOracle(predicted(), oracle, options);
    const convex = { mode: "convex", probability: 0.5 } as const;
    expect(mix(distribution(), { mode: "bernoulli", probability: 0.5 })).toThrow(/"bernoulli" needs noise/);
    for (const probability of [-0.1, 1.1, Number.NaN])
      expect(mix(distribution(), { mode: "convex", probability })).toThrow(/probability must be in \[0, 1\]/);
    expect(mix(distribution(), { ...convex, mode: "coin" as "convex" })).toThrow(
      /mode must be one of bernoulli, convex/,
    );
    expect(mix(tf.tensor1d([0, 1, 2], "int32"), convex)).toThrow(/oracle must be broadcastable to \[2\], got \[3\]/);
    expect(mix(tf.ones([2, 3], "bool"), convex)).toThrow(/oracle must be int32 indices or float32 weights/);
    expect(mix(distribution(), { mode: "bernoulli", probability: 0.5, noise: tf.zeros([3]) })).toThrow(/noise/);
  });
});
