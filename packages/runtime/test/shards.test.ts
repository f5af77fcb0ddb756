import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adamW, type BackendName, createRuntime, nn, sgd, trainStep } from "../src/index.js";
import { backends } from "./backends.js";
import { expectClose } from "./expect-close.js";
import { setJit } from "./graph/with-jit.js";

type Kind = "off" | "graph" | "xla";
const engines: readonly (readonly [BackendName, Kind])[] = backends.flatMap((backend) =>
  (backend === "native" ? (["off", "graph", "xla"] as const) : (["off"] as const)).map(
    (kind) => [backend, kind] as const,
  ),
);

const rows = 12;
type Batch = { x: tf.Tensor2D; labels: tf.Tensor1D; mask: tf.Tensor1D; scale: tf.Scalar };

/** A classifier whose loss is a mean over the rows that the mask weighs. */
function classifier() {
  const random = (shape: number[], seed: number) =>
    tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, 1, "float32", seed)));
  const variables = new Map([
    ["w", random([5, 7], 1)],
    ["b", random([7], 2)],
    ["out", random([7, 3], 3)],
  ]);
  const [w, b, out] = [...variables.values()] as [tf.Variable, tf.Variable, tf.Variable];
  const loss = ({ x, labels, mask, scale }: Batch) => {
    const logits = nn.linear(nn.gelu(nn.linear(tf.mul(x, scale), w, b), "tanh"), out);
    const weight = tf.sum<tf.Scalar>(mask);
    const mean = (values: tf.Tensor) => tf.div<tf.Scalar>(tf.sum(tf.mul(values, mask)), weight); // 0/0 without weight
    const right = tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32");
    return { loss: mean(nn.sparseCrossEntropy(logits, labels)), metrics: { accuracy: mean(right) }, weight };
  };
  return { variables, loss };
}

const batchOf = (mask: readonly number[]): Batch => ({
  x: tf.randomNormal([rows, 5], 0, 1, "float32", 4),
  labels: tf.tensor1d(
    Array.from({ length: rows }, (_, i) => i % 3),
    "int32",
  ),
  mask: tf.tensor1d([...mask]),
  scale: tf.scalar(0.5),
});

describe.each(engines)("shards on %s with programs %s", (backend, kind) => {
  const outside = process.env.X_JIT;
  beforeAll(async () => {
    setJit(kind);
    await createRuntime({ backend });
  });
  afterAll(() => setJit(outside));

  /** What a step reports, and what gradient descent with rate 1 leaves: θ minus the gradient. */
  const stepWith = (shards: number | undefined, mask: readonly number[], onNonFinite: "skip" | "throw" = "throw") => {
    const { variables, loss } = classifier();
    const step = trainStep({
      groups: [{ variables, optimizer: sgd() }],
      ...{ loss, onNonFinite },
      ...(shards === undefined ? {} : { shards }),
    });
    const batch = batchOf(mask);
    const report = step(batch, 1);
    const after = [...variables.values()].map((variable) => variable.dataSync());
    tf.dispose([batch, [...variables.values()]]);
    return { report, after };
  };

  const even = Array<number>(rows).fill(1);
  const uneven = [1, 1, 0, 1, 0, 0, 0, 0.5, 0, 0, 0, 2];
  const without = [0, 0, 0, 0, 0, 0, 1, 1, 2, 1, 0, 0]; // the first half has no weight
  it.each([
    ["even", even],
    ["uneven", uneven],
    ["a part without any", without],
  ] as const)("give the loss, the metrics and the gradient of the whole batch: weights %s", (_, mask) => {
    const whole = stepWith(1, mask);
    for (const shards of [undefined, 2, 3, 12]) {
      const { report, after } = stepWith(shards, mask);
      expectClose([report.loss, report.gradientNorm], [whole.report.loss, whole.report.gradientNorm], { rtol: 1e-5 });
      expectClose([report.metrics.accuracy!], [whole.report.metrics.accuracy!], { rtol: 1e-5 });
      for (const [i, values] of after.entries()) expectClose(values, whole.after[i]!, { rtol: 1e-5, atol: 1e-6 });
    }
  });

  it("must divide the rows, and leave a loss without a weight whole", () => {
    expect(() => stepWith(5, even)).toThrow(ShapeError);
    for (const shards of [0, -1, 1.5, Number.NaN]) expect(() => stepWith(shards, even)).toThrow(ValueError);
    const { variables, loss } = classifier();
    const seen: number[] = [];
    const step = trainStep<Batch>({
      groups: [{ variables, optimizer: adamW() }],
      loss: (batch) => {
        seen.push(batch.x.shape[0]);
        return loss(batch).loss;
      },
      shards: 3,
    });
    const batch = batchOf(even);
    step(batch, 0.1);
    expect(new Set(seen)).toEqual(new Set([rows]));
    tf.dispose([batch, [...variables.values()]]);
  });

  it("skip a batch that has no weight at all, or one that is not finite, as the whole batch does", () => {
    for (const mask of [Array<number>(rows).fill(0), even.with(3, Number.NaN)])
      for (const shards of [1, 2, 12]) {
        const { report, after } = stepWith(shards, mask, "skip");
        expect(report).toMatchObject({ skipped: true, loss: Number.NaN });
        expect(after).toEqual(stepWith(1, mask, "skip").after);
      }
  });

  it("leave alone what a loss without a weight assigns", () => {
    const { variables, loss } = classifier();
    const steps = tf.variable(tf.scalar(0));
    const step = trainStep<Batch>({
      groups: [{ variables, optimizer: sgd() }],
      loss: (batch) => {
        steps.assign(tf.add(steps, 1));
        return loss(batch).loss;
      },
    });
    const batch = batchOf(even);
    for (let i = 0; i < 3; i++) step(batch, 0.1);
    expect(steps.dataSync()[0]).toBe(3);
    tf.dispose([batch, steps, [...variables.values()]]);
  });

  it("leave nothing behind", () => {
    const { variables, loss } = classifier();
    const optimizer = adamW();
    const step = trainStep({ groups: [{ variables, optimizer }], loss, shards: 2, clipNorm: 1 });
    const batch = batchOf(uneven);
    step(batch, 0.01);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) step(batch, 0.01);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([batch, [...variables.values()]]);
    optimizer.dispose();
  });
});
