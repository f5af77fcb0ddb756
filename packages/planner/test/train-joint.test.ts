import * as tf from "@tensorflow/tfjs-core";
import { AbortedError, ConfigError, type Schedule, StateError, ValueError } from "@x/core";
import { type CheckpointState, createRuntime, type NamedVariables } from "@x/runtime";
import { beforeAll, describe, expect, it } from "vitest";
import { codebookOf } from "../src/actions.js";
import type { PlanCorpus } from "../src/corpus.js";
import { Planner } from "../src/planner.js";
import { type TrainJointOptions, trainJoint } from "../src/train-joint.js";
import type { TrainEvent } from "../src/train-loop.js";
import { expectClose } from "./expect-close.js";
import { collect, tinyModel, tinyWorld } from "./tiny.js";

let corpus: PlanCorpus;
beforeAll(async () => {
  ({ corpus } = await tinyWorld());
});
const options = { steps: 4, batchSize: 3, length: 34, seed: 7, learningRates: { adapter: 0.01 } } as const;
const losses = (events: readonly TrainEvent[]) => events.map((event) => (event.type === "step" ? event.data : {}));

/** Which parts a run moves. */
async function moved(changes: Partial<TrainJointOptions>): Promise<string[]> {
  const model = tinyModel(corpus);
  const { lm, adapter, planner } = model;
  const parts: Record<string, NamedVariables> = {
    lm: lm.variables,
    projections: adapter.projections,
    codebooks: adapter.codebooks,
    planner: planner.variables,
  };
  const values = () => Object.values(parts).map((part) => [...part.values()].map((v) => v.dataSync().slice()));
  const before = values();
  await collect(trainJoint(model, corpus, { ...options, ...changes }));
  const after = values();
  model.dispose();
  return Object.keys(parts).filter((_, i) => before[i]!.some((v, j) => v.some((x, k) => x !== after[i]![j]![k])));
}

describe("trainJoint", () => {
  it("moves what its options name and nothing else", async () => {
    expect(await moved({})).toEqual(["projections", "codebooks"]);
    expect(await moved({ codebook: "frozen" })).toEqual(["projections"]);
    expect(await moved({ planner: "train" })).toEqual(["projections", "codebooks", "planner"]);
    expect(await moved({ lm: "train", codebook: "frozen" })).toEqual(["lm", "projections"]);
    expect(await moved({ source: "none", lm: "train", planner: "train" })).toEqual(["lm"]);
    expect(await moved({ source: "uniform", planner: "train" })).toEqual(["projections", "codebooks"]);
  });

  it("with a hard plan teaches the planner nothing but next-action prediction", async () => {
    const hard = { selection: { kind: "hard" }, planner: "train" } as const;
    expect(await moved({ ...hard, napWeight: 0 })).toEqual(["projections", "codebooks"]);
    expect(await moved(hard)).toContain("planner");
    expect(await moved({ planner: "train", napWeight: 0 })).toContain("planner");
  });

  it("with planGradient stopped teaches the planner nothing but that either, whatever the selection", async () => {
    const stopped = { planner: "train", planGradient: "stopped" } as const;
    expect(await moved({ ...stopped, napWeight: 0 })).toEqual(["projections", "codebooks"]);
    expect(await moved(stopped)).toContain("planner");
  });

  it("adds λ times next-action prediction to next-token prediction", async () => {
    const model = tinyModel(corpus);
    for (const napWeight of [0, 0.5]) {
      const [first] = losses(await collect(trainJoint(model, corpus, { ...options, steps: 1, napWeight })));
      expect(first!.loss!).toBeCloseTo(first!.ntp! + napWeight * first!.nap!, 5);
    }
    model.dispose();
  });

  it("learns: the loss falls", async () => {
    const model = tinyModel(corpus);
    const run = { ...options, steps: 40, batchSize: 12, lm: "train", planner: "train" } as const;
    const all = losses(await collect(trainJoint(model, corpus, run)));
    expect(all[0]!.ntp!).toBeCloseTo(Math.log(99), 0);
    expect(all.at(-1)!.ntp!).toBeLessThan(all[0]!.ntp! - 0.5);
    expect(all.at(-1)!.nap!).toBeLessThan(all[0]!.nap!);
    model.dispose();
  });

  it("freezes the planner until the fraction or step of unfreezeAt, then starts it with fresh moments", async () => {
    const norms = async (planner: TrainJointOptions["planner"]) => {
      const model = tinyModel(corpus);
      const bias = model.planner.variables.get("head.bias")!;
      const sizes: number[] = [];
      const run = { ...options, planner: planner!, learningRates: { adapter: 0.01, planner: 0.02 } };
      for await (const _ of trainJoint(model, corpus, run)) sizes.push(Math.max(...bias.dataSync().map(Math.abs)));
      model.dispose();
      return sizes;
    };
    const half = await norms({ unfreezeAt: 0.5 });
    expect(half.slice(0, 2)).toEqual([0, 0]);
    expect(half[2]).toBeCloseTo(0.02, 4); // Adam's first step is the learning rate
    expect(await norms({ unfreezeAt: 2 })).toEqual(half);
    expect(await norms({ unfreezeAt: 0 })).toEqual(await norms("train"));
  });

  it("gives the planner a tenth of the adapter's rate", async () => {
    const model = tinyModel(corpus);
    const bias = model.planner.variables.get("head.bias")!;
    await collect(trainJoint(model, corpus, { ...options, steps: 1, planner: "train" }));
    expect(Math.max(...bias.dataSync().map(Math.abs))).toBeCloseTo(0.001, 5);
    model.dispose();
  });

  it("shows every source the same data in the same order", async () => {
    const first = async (source: "none" | "fixed") => {
      const model = tinyModel(corpus);
      for (const variable of model.adapter.projections.values()) variable.assign(tf.tidy(() => tf.zerosLike(variable)));
      const run = { ...options, source, lm: "train", learningRates: { adapter: 0, lm: 0 } } as const;
      const all = losses(await collect(trainJoint(model, corpus, run)));
      model.dispose();
      return all.map(({ ntp }) => ntp);
    };
    const plain = await first("none");
    expect(new Set(plain).size).toBe(4);
    expect(await first("fixed")).toEqual(plain);
  });

  it("follows the schedules of temperature and oracle", async () => {
    const run = async (changes: Partial<TrainJointOptions>) => {
      const model = tinyModel(corpus);
      const all = losses(
        await collect(trainJoint(model, corpus, { ...options, learningRates: { adapter: 0 }, ...changes })),
      );
      model.dispose();
      return all.map(({ ntp }) => ntp!);
    };
    const after2: Schedule = {
      kind: "piecewise",
      points: [
        [0, 1],
        [2, 0.1],
      ],
    };
    const [warm, cold, both] = [await run({}), await run({ temperature: 0.1 }), await run({ temperature: after2 })];
    expect(both.slice(0, 2)).toEqual(warm.slice(0, 2));
    expect(both.slice(2)).toEqual(cold.slice(2));
    expect(cold).not.toEqual(warm);
    const truth = await run({ source: "oracle" });
    const oracle = {
      mode: "bernoulli",
      probability: {
        kind: "piecewise",
        points: [
          [0, 1],
          [2, 0],
        ],
      },
    } as const;
    const taught = await run({ oracle });
    expect(taught.slice(0, 2)).toEqual(truth.slice(0, 2));
    expect(taught.slice(2)).toEqual(warm.slice(2));
  });

  it("repeats an uninterrupted run bit for bit when resumed, across an unfreezing and with noise", async () => {
    const tensors = tf.memory().numTensors;
    const run = {
      ...options,
      steps: 6,
      selection: { kind: "gumbel" },
      planner: { unfreezeAt: 4 },
      lm: { unfreezeAt: 1 },
      checkpointEvery: 1,
    } as const;
    const whole = tinyModel(corpus);
    const saved: CheckpointState[] = [];
    const all: TrainEvent[] = [];
    for await (const event of trainJoint(whole, corpus, run)) {
      if (event.type === "checkpoint") {
        const copies = Array.from(event.checkpoint.tensors, ([name, tensor]) => [name, tf.clone(tensor)] as const);
        saved.push({ ...event.checkpoint, tensors: new Map(copies) });
      } else all.push(event);
    }
    expect(saved.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...saved[0]!.tensors.keys()].some((name) => name.startsWith("lm"))).toBe(false);
    for (const resume of [saved[0]!, saved[3]!, saved[4]!]) {
      const model = tinyModel(corpus);
      const { checkpointEvery: _, ...quiet } = run;
      const rest = await collect(trainJoint(model, corpus, { ...quiet, resume }));
      expect(losses(rest)).toEqual(losses(all).slice(resume.step));
      model.dispose();
    }
    const model = tinyModel(corpus);
    for (const other of [{ batchSize: 4 }, { selection: { kind: "hard" } as const }, { napWeight: 0.5 }]) {
      const wrong = trainJoint(model, corpus, { ...run, ...other, resume: saved[0]! });
      await expect(collect(wrong)).rejects.toThrow(StateError);
    }
    model.dispose();
    whole.dispose();
    tf.dispose(saved.flatMap((state) => [...state.tensors.values()]));
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("gives the same curve on another backend, to 1e-3", async () => {
    const curve = async () => {
      const model = tinyModel(corpus);
      const run = { ...options, lm: "train", planner: "train", selection: { kind: "gumbel" } } as const;
      const all = losses(await collect(trainJoint(model, corpus, run)));
      model.dispose();
      return all.map(({ loss }) => loss!);
    };
    const here = tf.getBackend();
    const first = await curve();
    await createRuntime({ backend: here === "cpu" ? "wasm" : "cpu" });
    expect(tf.getBackend()).not.toBe(here);
    const second = await curve();
    await tf.setBackend(here);
    expectClose(second, first, { atol: 1e-3 });
  });

  it("names options and parts that do not fit", async () => {
    const model = tinyModel(corpus);
    const run = (changes: object, m: object = model) =>
      collect(trainJoint({ ...model, ...m }, corpus, { ...options, ...changes }));
    await expect(run({ steps: 0.5 })).rejects.toThrow(ValueError);
    await expect(run({ temperature: 0 })).rejects.toThrow("temperature must be finite and > 0, got 0 at step 0");
    await expect(run({ checkpointEvery: 0 })).rejects.toThrow("checkpointEvery must be an integer ≥ 1, got 0");
    const small = { ...model.lm, vocabSize: 20 };
    await expect(run({}, { lm: small })).rejects.toThrow(
      /the model must have the tokenizer's tokens, got token \d+ for a vocabulary of 20/,
    );
    await expect(run({ source: "none" })).rejects.toThrow(ConfigError);
    await expect(run({ source: "none" })).rejects.toThrow('got source "none" and lm "frozen"');
    await expect(run({ planner: { unfreezeAt: 4 } })).rejects.toThrow("a fraction in [0, 1) or a step below 4, got 4");
    await expect(run({ planner: { unfreezeAt: -0.5 } })).rejects.toThrow(ConfigError);
    await expect(run({ lm: { unfreezeAt: 1.5 } })).rejects.toThrow("lm.unfreezeAt");
    await expect(run({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    await expect(collect(trainJoint({ lm: model.lm }, corpus, options))).rejects.toThrow(ConfigError);
    const { centroids, dim } = corpus.codebook;
    const stranger = Planner.create(
      codebookOf(
        centroids.map((x) => -x),
        dim,
        "e",
      ),
      { hidden: 8, seed: 1 },
    );
    await expect(run({}, { planner: stranger })).rejects.toThrow(StateError);
    const larger = Planner.create(codebookOf(new Float32Array(5 * dim), dim, "e"), { hidden: 8, seed: 1 });
    await expect(run({}, { planner: larger })).rejects.toThrow(
      "planner and corpus must have as many actions, got 5 and 4",
    );
    for (const part of [model, stranger, larger]) part.dispose();
  });
});
