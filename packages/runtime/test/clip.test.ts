import * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { clipByGlobalNorm, type NamedTensors } from "../src/index.js";
import { onEachBackend } from "./backends.js";
import { expectClose } from "./expect-close.js";

const named = (...values: number[][]): NamedTensors => new Map(values.map((v, i) => [`g${i}`, tf.tensor(v)]));

onEachBackend("clipByGlobalNorm", () => {
  it("scales everything by clipNorm / (norm + 1e-6) when the norm is above clipNorm", () => {
    const { grads, norm } = clipByGlobalNorm(named([3, 0], [0, 4]), 1);
    expectClose(norm.dataSync(), [5], { rtol: 1e-6 });
    expectClose(
      [...grads.values()].flatMap((g) => [...g.dataSync()]),
      [3, 0, 0, 4].map((g) => g / (5 + 1e-6)),
      { rtol: 1e-6 },
    );
  });

  it("changes nothing below", () => {
    const { grads } = clipByGlobalNorm(named([3, 0], [0, 4]), 5.1);
    expectClose(
      [...grads.values()].flatMap((g) => [...g.dataSync()]),
      [3, 0, 0, 4],
      {},
    );
  });

  it("never leaves a longer vector than it was given or than clipNorm", () => {
    const vector = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(vector, { minLength: 1, maxLength: 3 }),
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        (values, clipNorm) => {
          const { grads, norm } = clipByGlobalNorm(named(...values), clipNorm);
          const length = Math.hypot(...[...grads.values()].flatMap((g) => [...g.dataSync()]));
          expect(length).toBeLessThanOrEqual(Math.min(clipNorm, norm.dataSync()[0]!) * (1 + 1e-5) + 1e-15); // squares underflow
          expect(norm.dataSync()[0]).toBeCloseTo(Math.hypot(...values.flat()), 2);
        },
      ),
      { numRuns: 20, seed: 1 },
    );
  });

  it("leaves only its results in memory", () => {
    const input = named([3], [4]);
    const before = tf.memory().numTensors;
    const { grads, norm } = clipByGlobalNorm(input, 1);
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([norm, ...grads.values()]);
  });

  it("throws ValueError unless clipNorm is above 0", () => {
    for (const clipNorm of [0, -1, Number.NaN])
      expect(() => clipByGlobalNorm(named([1]), clipNorm)).toThrow(ValueError);
  });
});
