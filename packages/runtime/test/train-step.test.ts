import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { adamW, type NamedVariables, nn, sgd, TraceError, trainStep } from "../src/index.js";
import { expectClose } from "./expect-close.js";

const variable = (values: tf.TensorLike) => tf.tidy(() => tf.variable(tf.tensor(values)));
const values = (variables: NamedVariables) => Array.from(variables.values(), (v) => Array.from(v.dataSync()));

/** Tensors that tfjs counts, and on TensorFlow the handles that it does not see. */
function counts(): readonly (number | undefined)[] {
  const backend = tf.backend() as tf.KernelBackend & { readonly binding?: { getNumOfTensors(): number } };
  return [tf.memory().numTensors, tf.memory().numDataBuffers, backend.binding?.getNumOfTensors()];
}

/** A classifier of two layers and a batch that it can learn by heart. */
function classifier(seed: number) {
  const rng = createRng(seed);
  const normal = (...shape: number[]) =>
    tf.tidy(() => {
      const count = shape.reduce((a, b) => a * b, 1);
      return tf.variable(
        tf.tensor(
          Array.from({ length: count }, () => rng.normal() / 2),
          shape,
        ),
      );
    });
  const [embed, w, b] = [normal(10, 8), normal(16, 4), normal(4)];
  const variables = new Map([
    ["embed", embed],
    ["w", w],
    ["b", b],
  ]);
  const batch = {
    ids: tf.tensor2d(
      Array.from({ length: 24 }, () => rng.int(10)),
      [12, 2],
      "int32",
    ),
    labels: tf.tensor1d(
      Array.from({ length: 12 }, () => rng.int(4)),
      "int32",
    ),
  };
  const loss = ({ ids, labels }: typeof batch) => {
    const hidden = tf.reshape(nn.layerNorm(nn.embedding(embed, ids), null, null, 1e-5), [12, 16]);
    const logits = nn.linear(nn.gelu(hidden, "tanh"), w, b);
    const hits = tf.equal(tf.argMax(logits, 1), labels);
    return {
      loss: tf.mean<tf.Scalar>(nn.sparseCrossEntropy(logits, labels)),
      metrics: { accuracy: tf.mean<tf.Scalar>(hits), hits: tf.sum<tf.Scalar>(tf.cast(hits, "int32")) },
    };
  };
  return { variables, batch, loss };
}

describe("trainStep", () => {
  it("learns a batch by heart, and 200 steps leave nothing behind", () => {
    const { variables, batch, loss } = classifier(1);
    const step = trainStep({ groups: [{ variables, optimizer: adamW() }], loss, clipNorm: 1 });
    const first = step(batch, 0.02);
    const before = counts();
    for (let i = 0; i < 198; i++) step(batch, 0.02);
    const last = step(batch, 0.02);
    expect(counts()).toEqual(before);
    expect(first.loss).toBeGreaterThan(1);
    expect(last.loss).toBeLessThan(0.1);
    expect(last.metrics).toEqual({ accuracy: 1, hits: 12 });
    expect(last.skipped).toBe(false);
  });

  it("does what its parts do by hand: θ − η g with the gradient that it reports", () => {
    const w = variable([3, 4]);
    const step = trainStep({
      groups: [{ variables: new Map([["w", w]]), optimizer: sgd() }],
      loss: ({ x }: { x: tf.Tensor }) => tf.sum(tf.mul(w, x)),
    });
    const report = step({ x: tf.tensor([1, -2]) }, 0.5);
    expect(report).toMatchObject({ loss: -5, skipped: false, metrics: {} });
    expectClose([report.gradientNorm], [Math.sqrt(5)], { rtol: 1e-6 });
    expectClose(w.dataSync(), [2.5, 5], {});
  });

  it("gives each group its own optimiser and rate, and clips them together", () => {
    const [a, b, frozen] = [variable([0]), variable([0]), variable([1])];
    const step = trainStep({
      groups: [
        { variables: new Map([["w", a]]), optimizer: sgd() },
        { variables: new Map([["w", b]]), optimizer: sgd() },
      ],
      loss: ({ x }: { x: tf.Tensor }) => tf.sum(tf.mul(tf.add(tf.mul(a, 3), tf.mul(b, 4)), tf.mul(x, frozen))),
      clipNorm: 1,
    });
    const report = step({ x: tf.tensor([1]) }, [1, 0.1]);
    expectClose([report.gradientNorm], [5], { rtol: 1e-6 });
    expectClose(a.dataSync(), [-0.6], { rtol: 1e-6 });
    expectClose(b.dataSync(), [-0.08], { rtol: 1e-6 });
    expectClose(frozen.dataSync(), [1], {});
  });

  it("changes no variable and no state when the loss or a gradient is not finite", () => {
    const w = variable([1, 2]);
    const variables = new Map([["w", w]]);
    const optimizer = adamW();
    const loss = ({ x }: { x: tf.Tensor }) => tf.sum(tf.mul(tf.sqrt(w), x)) as tf.Scalar;
    const skip = trainStep({ groups: [{ variables, optimizer }], loss, clipNorm: 1, onNonFinite: "skip" });
    skip({ x: tf.tensor([1, 1]) }, 0.1);
    const before = [values(variables), values(optimizer.variables)];
    const tensors = tf.memory().numTensors;
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const x = tf.tensor([1, bad]);
      expect(skip({ x }, 0.1).skipped).toBe(true);
      x.dispose();
    }
    expect([values(variables), values(optimizer.variables)]).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);

    const strict = trainStep({ groups: [{ variables, optimizer }], loss });
    expect(() => strict({ x: tf.tensor([1, Number.NaN]) }, 0.1)).toThrow(
      "trainStep: loss and gradients must be finite, got loss NaN and gradient norm NaN; no variable changed",
    );
    expect([values(variables), values(optimizer.variables)]).toEqual(before);
    expect(skip({ x: tf.tensor([1, 1]) }, 0.1).skipped).toBe(false);
  });

  it("leaves nothing behind when the loss throws", () => {
    const { variables, batch, loss } = classifier(2);
    const step = trainStep({
      groups: [{ variables, optimizer: sgd() }],
      loss: (b: typeof batch) => ({ ...loss(b), loss: tf.scalar(Number(tf.sum(b.labels).dataSync()[0])) }),
    });
    const before = tf.memory().numTensors;
    expect(() => step(batch, 0.1)).toThrow(TraceError);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("reports the metrics of the batch at hand, whatever those of other shapes are called", () => {
    const w = variable([1]);
    type Pair = { x: tf.Tensor } | { x: tf.Tensor; y: tf.Tensor };
    const step = trainStep<Pair>({
      groups: [{ variables: new Map([["w", w]]), optimizer: sgd() }],
      loss: (batch) => ({
        loss: tf.sum(tf.mul(w, batch.x)) as tf.Scalar,
        metrics: { ["y" in batch ? "both" : "one"]: tf.sum(batch.x) as tf.Scalar },
      }),
    });
    const [x, y] = [tf.tensor([3]), tf.tensor([4])];
    const names = [{ x }, { x, y }, { x }].map((batch) => step(batch, 0.1).metrics);
    expect(names).toEqual([{ one: 3 }, { both: 3 }, { one: 3 }]);
    tf.dispose([x, y]);
  });

  it("throws for a weight or a metric that is no scalar", () => {
    const w = variable([1]);
    const stepWith = (more: { metrics?: Record<string, tf.Scalar>; weight?: tf.Scalar }) =>
      trainStep({
        groups: [{ variables: new Map([["w", w]]), optimizer: sgd() }],
        loss: () => ({ loss: tf.sum(w) as tf.Scalar, ...more }),
      });
    const row = tf.ones([1]) as tf.Tensor as tf.Scalar;
    expect(() => stepWith({ weight: row })({}, 0.1)).toThrow("trainStep: weight of the loss must be a scalar, got [1]");
    expect(() => stepWith({ metrics: { accuracy: row } })({}, 0.1)).toThrow("accuracy of the loss must be a scalar");
    row.dispose();
  });

  it("throws for groups that overlap or are empty, rates that do not fit and a bad clipNorm", () => {
    const variables = new Map([["w", variable([1])]]);
    const loss = () => tf.sum(variables.get("w")!) as tf.Scalar;
    const optimizer = sgd();
    expect(() => trainStep({ groups: [], loss })).toThrow(ConfigError);
    const shared = [
      { variables, optimizer },
      { variables, optimizer: sgd() },
    ];
    expect(() => trainStep({ groups: shared, loss })).toThrow("groups must not share variables");
    const other = new Map([["v", variable([1])]]);
    expect(() => trainStep({ groups: [shared[0]!, { variables: other, optimizer }], loss })).toThrow(
      "each group needs an optimizer of its own",
    );
    expect(() => trainStep({ groups: [shared[0]!], loss, clipNorm: 0 })).toThrow("trainStep: clipNorm must be above 0");
    const step = trainStep({ groups: [shared[0]!], loss });
    for (const rates of [[0.1, 0.1], Number.NaN, -1, []]) expect(() => step({}, rates)).toThrow(ValueError);
  });
});
