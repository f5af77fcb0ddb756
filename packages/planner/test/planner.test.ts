import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, ShapeError, StateError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { codebookOf } from "../src/actions.js";
import { Planner } from "../src/planner.js";
import { expectClose } from "./expect-close.js";

const fixture = JSON.parse(readFileSync(new URL("fixtures/planner.json", import.meta.url), "utf8"));
const rng = createRng(4);
const normals = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
const codebook = codebookOf(normals(5 * 3), 3, "e");

/** Logits of rows whose first has no sentence before it. */
function logitsOf(planner: Planner, vectors: Float32Array): Float32Array {
  const rows = vectors.length / 3;
  return tf.tidy(
    () =>
      planner
        .logits(
          tf.tensor3d(vectors, [1, rows, 3]),
          tf.tensor2d(
            Float32Array.from({ length: rows }, (_, i) => Math.min(i, 1)),
            [1, rows],
          ),
        )
        .dataSync() as Float32Array,
  );
}

describe("Planner", () => {
  it("equals PyTorch's norm-first transformer with an additive mask of causality and relative bias", () => {
    const { shape, config, variables } = fixture;
    const { B, S, D, K } = shape;
    const planner = Planner.create(codebookOf(new Float32Array(K * D), D, "e"), { ...config, seed: 1 });
    expect([...planner.variables.keys()].sort()).toEqual(Object.keys(variables).sort());
    tf.tidy(() => {
      for (const [name, variable] of planner.variables) variable.assign(tf.tensor(variables[name], variable.shape));
      const logits = planner.logits(tf.tensor3d(fixture.vectors, [B, S, D]), tf.tensor2d(fixture.mask, [B, S]));
      expectClose(logits.dataSync(), fixture.logits, { rtol: 1e-4, atol: 1e-4 });
    });
    planner.dispose();
  });

  it("plans each sentence from the ones before alone: changing row j leaves the logits of rows before j bit-equal", () => {
    const planner = Planner.create(codebook, { hidden: 8, layers: 2, context: 8, seed: 1 });
    const vectors = normals(6 * 3);
    const before = logitsOf(planner, vectors);
    for (let j = 1; j < 6; j++) {
      const changed = vectors.slice();
      changed[j * 3]! += 1;
      const after = logitsOf(planner, changed);
      expect(after.slice(0, j * 5)).toEqual(before.slice(0, j * 5));
      expect(after.slice(j * 5, j * 5 + 5)).not.toEqual(before.slice(j * 5, j * 5 + 5));
    }
    planner.dispose();
  });

  it("looks back `reach` rows and no further, and its plans do not depend on the place in the text", () => {
    const planner = Planner.create(codebook, { hidden: 8, layers: 2, context: 3, seed: 1 });
    expect(planner.reach).toBe(4);
    const vectors = normals(8 * 3);
    const last = (v: Float32Array) => logitsOf(planner, v).slice(-5);
    const whole = last(vectors);
    const far = vectors.slice();
    far[3 * 2]! += 1;
    expectClose(last(far), whole, { atol: 1e-6 });
    const near = vectors.slice();
    near[3 * 3]! += 1;
    expect(Math.max(...last(near).map((z, k) => Math.abs(z - whole[k]!)))).toBeGreaterThan(1e-5);
    expectClose(last(vectors.slice(3 * 2)), whole, { atol: 1e-5 });
    planner.dispose();
  });

  it("starts nearly indifferent for unit centroids, and the same for the same seed", () => {
    const unit = Float32Array.from({ length: 40 * 16 }, () => rng.normal());
    for (let k = 0; k < 40; k++) {
      const row = unit.subarray(k * 16, k * 16 + 16);
      const length = Math.hypot(...row);
      row.forEach((x, i) => {
        row[i] = x / length;
      });
    }
    const make = (seed: number) => Planner.create(codebookOf(unit, 16, "e"), { seed });
    const [a, b, c] = [make(1), make(1), make(2)];
    expect(a.config).toEqual({ hidden: 64, layers: 1, heads: 2, context: 32 });
    const logits = (planner: Planner) =>
      tf.tidy(() => planner.logits(tf.tensor3d(unit, [5, 8, 16]), tf.ones([5, 8])).dataSync() as Float32Array);
    const values = logits(a);
    const deviation = Math.sqrt(values.reduce((sum, z) => sum + z * z, 0) / values.length);
    expect(deviation).toBeGreaterThan(0.3);
    expect(deviation).toBeLessThan(2);
    expect(logits(b)).toEqual(values);
    expect(logits(c)).not.toEqual(values);
    for (const planner of [a, b, c]) planner.dispose();
  });

  it("reads back what it saved, with its codebook, and leaves no tensors behind", async () => {
    const directory = await mkdtemp(join(tmpdir(), "planner-"));
    const tensors = tf.memory().numTensors;
    const planner = Planner.create(codebook, { hidden: 8, seed: 1 });
    await planner.save(directory);
    const copy = await Planner.load(directory);
    expect(copy.codebook).toEqual(codebook);
    expect(copy.config).toEqual(planner.config);
    const vectors = normals(4 * 3);
    expect(logitsOf(copy, vectors)).toEqual(logitsOf(planner, vectors));
    planner.dispose();
    copy.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    await expect(Planner.load(join(directory, "nothing"))).rejects.toThrow(StateError);
    await rm(directory, { recursive: true });
  });

  it("throws for shapes and sizes that do not fit", () => {
    const planner = Planner.create(codebook, { hidden: 8, seed: 1 });
    tf.tidy(() => {
      expect(() => planner.logits(tf.zeros([1, 2, 4]), tf.zeros([1, 2]))).toThrow(ShapeError);
      expect(() => planner.logits(tf.zeros([1, 2, 3]), tf.zeros([1, 3]))).toThrow(
        "vectors must be [B, S, 3] and vectorMask [B, S], got [1,2,3] and [1,3]",
      );
    });
    planner.dispose();
    expect(() => Planner.create(codebook, { layers: 0, seed: 1 })).toThrow(ValueError);
    expect(() => Planner.create(codebook, { hidden: 9, heads: 2, seed: 1 })).toThrow(ConfigError);
  });
});
