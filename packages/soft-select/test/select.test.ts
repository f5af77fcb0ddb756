import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  entmax15,
  gumbelNoise,
  gumbelSoftmax,
  hard,
  type Selection,
  sampleOneHot,
  select,
  softmax,
  sparsemax,
  straightThrough,
  topkSoftmax,
} from "../src/index.js";
import { expectClose, expectNoLeak, numbers, vjp } from "./helpers.js";

const logits = () => tf.tensor3d([0.3, -1, 2, 0.1, 0.5, 0.4], [2, 1, 3]);
const mask = () => tf.tensor1d([1, 1, 0]);
const noise = () => gumbelNoise([2, 1, 3], createRng("select"));

/** Every kind, beside the primitive that it stands for. */
const cases: [Selection, (z: tf.Tensor, mask: tf.Tensor, noise: tf.Tensor) => tf.Tensor][] = [
  [{ kind: "soft" }, (z, mask) => softmax(z, { mask })],
  [{ kind: "soft", mapping: "softmax", temperature: 2 }, (z, mask) => softmax(z, { mask, temperature: 2 })],
  [{ kind: "soft", mapping: "sparsemax" }, (z, mask) => sparsemax(z, { mask })],
  [{ kind: "soft", mapping: "entmax15", k: 2 }, (z, mask) => entmax15(z, { mask, k: 2 })],
  [{ kind: "soft", mapping: "topkSoftmax", k: 2 }, (z, mask) => topkSoftmax(z, 2, { mask })],
  [{ kind: "hard" }, (z, mask) => hard(z, { mask })],
  [{ kind: "straightThrough", temperature: 0.5 }, (z, mask) => straightThrough(z, { mask, temperature: 0.5 })],
  [{ kind: "straightThrough", backward: "entmax15" }, (z, mask) => straightThrough(z, { mask, backward: "entmax15" })],
  [{ kind: "gumbel", temperature: 0.5 }, (z, mask, noise) => gumbelSoftmax(z, { mask, noise, temperature: 0.5 })],
  [
    { kind: "gumbel", hard: true, noiseScale: 0.5 },
    (z, mask, noise) => gumbelSoftmax(z, { mask, noise, hard: true, noiseScale: 0.5 }),
  ],
  [{ kind: "sampled" }, (z, mask, noise) => sampleOneHot(z, { mask, noise })],
  [{ kind: "sampled", backward: "reinmax" }, (z, mask, noise) => sampleOneHot(z, { mask, noise, backward: "reinmax" })],
];

describe("select", () => {
  for (const [selection, primitive] of cases)
    it(`gives the primitive of ${JSON.stringify(selection)}, value and gradient`, () => {
      const [z, g] = [logits(), tf.reshape(tf.range(1, 7), [2, 1, 3])];
      const chosen = (x: tf.Tensor) => select(x, selection, { mask: mask(), noise: noise() }).weights;
      const wanted = (x: tf.Tensor) => primitive(x, mask(), noise());
      expect(numbers(chosen(z))).toEqual(numbers(wanted(z)));
      expect(numbers(vjp(chosen, z, g))).toEqual(numbers(vjp(wanted, z, g)));
    });

  it("gives the index of the largest weight, int32, the lowest among ties", () => {
    const { indices } = select(tf.tensor2d([0, 2, 2, 5, 1, 5], [2, 3]), { kind: "soft" });
    expect(indices.dtype).toBe("int32");
    expect(numbers(indices)).toEqual([1, 0]);
    const drawn = select(logits(), { kind: "sampled" }, { noise: noise() });
    expect(numbers(tf.argMax(drawn.weights, -1))).toEqual(numbers(drawn.indices));
  });

  it("does without noise when not training", () => {
    const z = logits();
    const weights = (selection: Selection) =>
      numbers(select(z, selection, { training: false, noise: noise() }).weights);
    expect(weights({ kind: "gumbel", temperature: 2 })).toEqual(numbers(softmax(z, { temperature: 2 })));
    expect(weights({ kind: "gumbel", hard: true })).toEqual(numbers(hard(z)));
    expect(weights({ kind: "sampled" })).toEqual(numbers(hard(z)));
  });

  it("is constant, with a gradient of zeros, for uniform and fixed", () => {
    const uniform = (x: tf.Tensor) => select(x, { kind: "uniform" }, { mask: mask() }).weights;
    const fixed = (x: tf.Tensor) => select(x, { kind: "fixed", index: 1 }).weights;
    expectClose(uniform(logits()), [0.5, 0.5, 0, 0.5, 0.5, 0]);
    expectClose(fixed(logits()), [0, 1, 0, 0, 1, 0], { atol: 0 });
    expectClose(select(logits(), { kind: "fixed", index: 2 }, { mask: mask() }).weights, [0, 0, 0, 0, 0, 0]);
    for (const constant of [uniform, fixed])
      expectClose(vjp(constant, logits(), tf.ones([2, 1, 3])), [0, 0, 0, 0, 0, 0], { atol: 0 });
  });

  it("gives zeros, index 0 and no gradient in a row where nothing is allowed, whatever the kind", () => {
    const kinds: Selection[] = [
      ...cases.map(([selection]) => selection),
      { kind: "uniform" },
      { kind: "fixed", index: 1 },
    ];
    const none = tf.tensor3d([0, 0, 0, 1, 1, 1], [2, 1, 3]);
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.integer(), (selection, seed) => {
        const options = { mask: none, noise: gumbelNoise([2, 1, 3], createRng(seed)) };
        const { weights, indices } = select(logits(), selection, options);
        expect(numbers(weights).slice(0, 3)).toEqual([0, 0, 0]);
        expect(numbers(indices)[0]).toBe(0);
        expectClose(
          [
            numbers(weights)
              .slice(3)
              .reduce((a, b) => a + b),
          ],
          1,
        );
        const gradient = vjp((x) => select(x, selection, options).weights, logits(), tf.ones([2, 1, 3]));
        expectClose(numbers(gradient).slice(0, 3), [0, 0, 0], { atol: 0 });
      }),
    );
  });

  it("leaves no tensor behind but weights and indices", () => {
    const [z, m, G] = [logits(), mask(), noise()];
    for (const [selection] of cases) {
      expectNoLeak(() => ({ ...select(z, selection, { mask: m, noise: G }) }));
      expectNoLeak(() => vjp((x) => select(x, selection, { mask: m, noise: G }).weights, z, z));
    }
  });

  it("refuses a stochastic kind without noise while training, and unknown names and numbers", () => {
    for (const kind of ["gumbel", "sampled"] as const)
      expect(() => select(logits(), { kind })).toThrow(/needs noise while training/);
    const refuse = (selection: object) => expect(() => select(logits(), selection as Selection));
    refuse({ kind: "vq" }).toThrow(/select: kind must be one of soft, .*, got vq/);
    refuse({ kind: "soft", mapping: "entmax" }).toThrow(/select: mapping must be one of .*, got entmax/);
    refuse({ kind: "soft", mapping: "topkSoftmax" }).toThrow(/k must be an integer in \[1, 3\], got undefined/);
    refuse({ kind: "soft", temperature: -1 }).toThrow(/temperature must be finite and > 0/);
    for (const index of [-1, 3, 0.5]) refuse({ kind: "fixed", index }).toThrow(/index must be an integer in \[0, 2\]/);
    expect(() => select(tf.scalar(1), { kind: "uniform" })).toThrow(/select: logits/);
  });
});
