import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, StateError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { adamW, type NamedTensors, type NamedVariables, type Optimizer, sgd, trainStep } from "../src/index.js";
import { expectClose } from "./expect-close.js";

interface Trajectory {
  readonly clipNorm: number | null;
  readonly start: Record<string, { shape: number[]; values: number[] }>;
  readonly steps: readonly {
    readonly rate: number;
    readonly norm: number;
    readonly grads: Record<string, number[]>;
    readonly after: Record<string, number[]> | null;
  }[];
}

const fixtures: Record<"adamW" | "sgd", Trajectory> = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/optimizers.json"), "utf8"),
);

/** Follows the gradients of a fixture: the loss Σ g·θ has the gradient g. */
function expectTrajectory({ clipNorm, start, steps }: Trajectory, optimizer: Optimizer): void {
  const shapes = Object.entries(start);
  const variables = new Map(shapes.map(([name, { shape, values }]) => [name, tf.variable(tf.tensor(values, shape))]));
  const step = trainStep({
    groups: [{ variables, optimizer }],
    loss: (grads) => tf.addN(shapes.map(([name]) => tf.sum(tf.mul(grads[name]!, variables.get(name)!)))) as tf.Scalar,
    ...(clipNorm === null ? {} : { clipNorm }),
  });
  for (const { rate, norm, grads, after } of steps) {
    const batch = Object.fromEntries(shapes.map(([name, { shape }]) => [name, tf.tensor(grads[name]!, shape)]));
    const report = step(batch, rate);
    if (clipNorm !== null) expectClose([report.gradientNorm], [norm], { rtol: 1e-6 });
    tf.dispose(batch);
    for (const [name, values] of Object.entries(after ?? {}))
      expectClose(variables.get(name)!.dataSync(), values, { atol: 1e-6 });
  }
  tf.dispose([...variables.values()]);
  optimizer.dispose();
}

const one = (value: number[] = [1, 2]): NamedVariables => new Map([["w", tf.variable(tf.tensor(value))]]);

describe("adamW", () => {
  it("follows PyTorch for 50 steps with clipping, decay of matrices only and a schedule", () => {
    const before = tf.memory().numTensors;
    expectTrajectory(fixtures.adamW, adamW({ beta2: 0.95, weightDecay: 0.1 }));
    expect(tf.memory().numTensors).toBe(before + Object.keys(fixtures.adamW.start).length);
  });

  it("moves by the learning rate at the first step, whatever the gradient's size", () => {
    for (const size of [1e-3, 1, 1e3]) {
      const variables = one([0, 0]);
      const optimizer = adamW({ weightDecay: 0 });
      optimizer.init(variables);
      optimizer.step(variables, new Map([["w", tf.tensor([size, -size])]]), tf.scalar(0.1));
      expectClose(variables.get("w")!.dataSync(), [-0.1, 0.1], { rtol: 2e-5 });
      tf.dispose([...variables.values()]);
    }
  });

  it("asks `decays` which variables decay", () => {
    const variables = new Map([
      ["yes", tf.variable(tf.tensor([2]))],
      ["no", tf.variable(tf.tensor([[2]]))],
    ]);
    const optimizer = adamW({ weightDecay: 0.5, decays: (name) => name === "yes" });
    optimizer.init(variables);
    const zeros = new Map([
      ["yes", tf.tensor([0])],
      ["no", tf.tensor([[0]])],
    ]);
    optimizer.step(variables, zeros, tf.scalar(0.1));
    expectClose(variables.get("yes")!.dataSync(), [2 * (1 - 0.1 * 0.5)], { rtol: 1e-6 });
    expectClose(variables.get("no")!.dataSync(), [2], {});
  });

  it("has the state t, NAME/m and NAME/v", () => {
    const optimizer = adamW();
    expect([...optimizer.variables.keys()]).toEqual([]);
    optimizer.init(one());
    expect([...optimizer.variables.keys()]).toEqual(["t", "w/m", "w/v"]);
  });

  it("throws ValueError for options outside their domain", () => {
    for (const options of [{ beta1: 1 }, { beta2: -0.1 }, { epsilon: 0 }, { weightDecay: -1 }, { beta1: Number.NaN }])
      expect(() => adamW(options)).toThrow(ValueError);
  });
});

describe("sgd", () => {
  it("follows PyTorch for 50 steps with momentum", () => {
    expectTrajectory(fixtures.sgd, sgd({ momentum: 0.9 }));
  });

  it("is plain gradient descent without, and keeps no state", () => {
    const variables = one();
    const optimizer = sgd();
    optimizer.init(variables);
    optimizer.step(variables, new Map([["w", tf.tensor([1, -1])]]), tf.scalar(0.5));
    expectClose(variables.get("w")!.dataSync(), [0.5, 2.5], {});
    expect(optimizer.variables.size).toBe(0);
  });

  it("throws ValueError for a momentum outside [0, 1)", () => {
    expect(() => sgd({ momentum: 1 })).toThrow("sgd: momentum must be in [0, 1), got 1");
  });
});

describe("Optimizer", () => {
  it("goes on bit for bit from saved state", () => {
    const grads = new Map([["w", tf.tensor([0.3, -2])]]);
    const run = (variables: NamedVariables, optimizer: Optimizer, steps: number) => {
      for (let i = 0; i < steps; i++) optimizer.step(variables, grads, tf.scalar(0.1));
    };
    const [whole, half] = [one(), one()];
    const [a, b, c] = [adamW(), adamW(), adamW()];
    a.init(whole);
    run(whole, a, 6);
    b.init(half);
    run(half, b, 3);
    const saved = new Map(Array.from(b.variables, ([name, variable]) => [name, tf.clone(variable)]));
    c.init(half);
    c.load(saved);
    run(half, c, 3);
    expect([...half.get("w")!.dataSync()]).toEqual([...whole.get("w")!.dataSync()]);
  });

  it("makes its state once, and frees it", () => {
    const variables = one();
    const before = tf.memory().numTensors;
    const optimizer = adamW();
    optimizer.init(variables);
    optimizer.init(variables);
    expect(tf.memory().numTensors).toBe(before + 3);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("throws ShapeError for a gradient that is missing or of another shape, before it changes anything", () => {
    const variables = one();
    const optimizer = adamW();
    optimizer.init(variables);
    const step = (grads: NamedTensors) => () => optimizer.step(variables, grads, tf.scalar(0.1));
    expect(step(new Map())).toThrow("adamW: the gradient of w must be [2], got undefined");
    expect(step(new Map([["w", tf.zeros([1, 2])]]))).toThrow(ShapeError);
    expect(optimizer.variables.get("t")!.dataSync()[0]).toBe(0);
  });

  it("throws StateError for other variables, before init, and for saved state that does not fit", () => {
    const optimizer = adamW();
    expect(() => optimizer.step(one(), new Map(), tf.scalar(1))).toThrow("adamW: init must come before step");
    expect(() => optimizer.load(new Map())).toThrow(StateError);
    optimizer.init(one());
    expect(() => optimizer.init(one([1, 2, 3]))).toThrow(StateError);
    const saved = new Map<string, tf.Tensor>([
      ["w/m", tf.zeros([3])],
      ["w/v", tf.zeros([2], "int32")],
      ["other", tf.zeros([2])],
    ]);
    expect(() => optimizer.load(saved)).toThrow(
      "adamW.load: saved tensors must fit: t is missing; w/m must be float32[2], got float32[3]; w/v must be float32[2], got int32[2]; other is unknown",
    );
  });
});
