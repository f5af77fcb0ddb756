import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { adamW, type CheckpointState, loadCheckpoint, saveCheckpoint, valueAndGrad } from "@x/runtime";
import { describe, expect, it } from "vitest";
import { lmConfig } from "../src/config.js";
import { type FitEvent, type FitOptions, fit } from "../src/fit.js";
import { nextTokenLoss } from "../src/loss.js";
import { LanguageModel } from "../src/model.js";
import { batchSequences, packDocuments, shuffledBatches, type TokenBatch } from "../src/pack.js";
import { perplexity } from "../src/perplexity.js";

const sizes = { vocabSize: 13, hidden: 16, layers: 2, heads: 2, maxPositions: 16 };
const config = lmConfig({ family: "gpt2", ...sizes });
const newModel = (seed: number | string = 1) => LanguageModel.create(config, { seed });

/** Counting: after each token comes the next one, modulo 13. */
const counting = Array.from({ length: 13 }, (_, start) => Int32Array.from({ length: 9 }, (_, t) => (start + t) % 13));
const sequences = [...packDocuments(counting, { length: 8, mode: "pad" })];
const batches = (seed = 1) => shuffledBatches(sequences, { batchSize: 4, seed });
const defaults = { learningRate: { kind: "warmupCosine", peak: 0.02, final: 0.001, warmup: 5, steps: 40 } } as const;

async function events(model: LanguageModel, options: Partial<FitOptions> & { steps: number }, data = batches()) {
  const all: FitEvent[] = [];
  for await (const event of fit(model, data, { ...defaults, ...options })) all.push(event);
  return all;
}
const losses = (all: readonly FitEvent[]) => all.flatMap((event) => (event.type === "step" ? [event.data.loss] : []));
const values = (model: LanguageModel) => [...model.variables.values()].map((v) => v.dataSync().slice());

describe("fit", () => {
  it("learns to count", async () => {
    const model = newModel();
    const all = await events(model, { steps: 80, learningRate: 0.02 });
    expect(losses(all)[0]).toBeCloseTo(Math.log(13), 1);
    const { nll } = await perplexity(model, [counting[0]!], { bos: 12 });
    expect(nll).toBeLessThan(0.1);
    model.dispose();
  });

  it("takes the steps of AdamW on the clipped gradient, at the rates of the schedule", async () => {
    // Without the bias of keys, whose gradient is 0 in truth: Adam would make steps of its rounding.
    const llama = lmConfig({ family: "llama", ...sizes });
    const [model, twin] = [LanguageModel.create(llama, { seed: 1 }), LanguageModel.create(llama, { seed: 1 })];
    const all = await events(model, { steps: 4, clipNorm: 0.5, weightDecay: 0.1, beta2: 0.95 });

    const optimizer = adamW({ weightDecay: 0.1, beta2: 0.95 });
    optimizer.init(twin.variables);
    const data = batches();
    for (let step = 0; step < 4; step++) {
      const { tokens, lossMask, shape } = data.next().value as TokenBatch;
      const batch = { tokens: tf.tensor2d(tokens, [...shape], "int32"), lossMask: tf.tensor2d(lossMask, [...shape]) };
      const { value, grads } = valueAndGrad(() => nextTokenLoss(twin, batch), twin.variables);
      const norm = Math.sqrt(
        [...grads.values()].reduce((sum, g) => sum + tf.tidy(() => tf.sum(tf.square(g)).dataSync()[0]!), 0),
      );
      const scale = Math.min(1, 0.5 / (norm + 1e-6));
      const rate = (0.02 * (step + 1)) / 5;
      tf.tidy(() => {
        const clipped = new Map([...grads].map(([name, g]) => [name, tf.mul(g, scale)]));
        optimizer.step(twin.variables, clipped, tf.scalar(rate));
      });
      expect(all[step]).toMatchObject({ type: "step", step: step + 1, total: 4 });
      const { data: reported } = all[step] as Extract<FitEvent, { type: "step" }>;
      expect(reported.loss).toBeCloseTo(value.dataSync()[0]!, 6);
      expect(reported.gradientNorm).toBeCloseTo(norm, 5);
      expect(reported.learningRate).toBeCloseTo(rate, 12);
      tf.dispose([value, batch, ...grads.values()]);
    }
    const [a, b] = [values(model), values(twin)];
    a.forEach((v, i) => {
      for (const [j, x] of v.entries()) expect(x).toBeCloseTo(b[i]![j]!, 5);
    });
    optimizer.dispose();
    model.dispose();
    twin.dispose();
  });

  it("goes on from a saved checkpoint bit for bit: 40 steps are 20, a restart, and 20", async () => {
    const folder = await mkdtemp(join(tmpdir(), "x-fit-"));
    const whole = newModel();
    const uninterrupted = losses(await events(whole, { steps: 40 }));

    const first = newModel();
    for await (const event of fit(first, batches(), { ...defaults, steps: 40, checkpointEvery: 20 })) {
      if (event.type !== "checkpoint") continue;
      await saveCheckpoint(folder, event.checkpoint);
      break; // the process ends here
    }
    const resume = (await loadCheckpoint(folder)) as CheckpointState;
    expect(resume.step).toBe(20);
    const second = newModel("another start");
    const resumed = losses(await events(second, { steps: 40, resume }));
    expect(resumed).toEqual(uninterrupted.slice(20));
    expect(values(second)).toEqual(values(whole));

    tf.dispose([...resume.tensors.values()]);
    for (const model of [whole, first, second]) model.dispose();
    await rm(folder, { recursive: true });
  });

  it("scores held-out text at intervals and at the end, as perplexity does", async () => {
    const model = newModel();
    const evaluation = [...batchSequences(packDocuments(counting, { length: 9, mode: "pad" }), 3)];
    const all = await events(model, { steps: 5, evaluation, evalEvery: 2 });
    const evals = all.filter((event) => event.type === "eval");
    expect(evals.map(({ step }) => step)).toEqual([2, 4, 5]);
    const { nll, tokens } = await perplexity(model, counting);
    expect(evals[2]!.data.tokens).toBe(tokens);
    expect(evals[2]!.data.nll).toBeCloseTo(nll, 5);
    expect(all.at(-1)).toEqual({ type: "done", step: 5, total: 5, data: {} });
    model.dispose();
  });

  it("trains the given variables only", async () => {
    const model = newModel();
    const name = "blocks.0.up.w";
    const before = values(model);
    await events(model, { steps: 2, variables: new Map([[name, model.variables.get(name)!]]) });
    const changed = [...model.variables.keys()].filter((_, i) => String(values(model)[i]) !== String(before[i]));
    expect(changed).toEqual([name]);
    model.dispose();
  });

  it("keeps the number of tensors over 200 steps", async () => {
    const model = newModel();
    const before = tf.memory().numTensors;
    const counts = new Set<number>();
    const evaluation = [...batchSequences(sequences.slice(0, 2), 2)];
    const options = { ...defaults, steps: 200, evaluation, evalEvery: 50, checkpointEvery: 50 };
    const small = shuffledBatches(sequences, { batchSize: 1, seed: 1 });
    for await (const _ of fit(model, small, options)) counts.add(tf.memory().numTensors);
    counts.delete(before); // after the last step the optimiser is gone
    expect(counts.size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it("stops between two steps when the signal fires, and frees what it made", async () => {
    const model = newModel();
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const run = fit(model, batches(), { ...defaults, steps: 9, signal: controller.signal });
    await run.next();
    controller.abort("enough");
    await expect(run.next()).rejects.toMatchObject({ code: "E_ABORTED", cause: "enough" });
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it("does nothing but end when the resumed run is over", async () => {
    const model = newModel();
    let saved: CheckpointState | undefined;
    for await (const event of fit(model, batches(), { ...defaults, steps: 2, checkpointEvery: 2 }))
      if (event.type === "checkpoint")
        saved = {
          ...event.checkpoint,
          tensors: new Map(Array.from(event.checkpoint.tensors, ([name, t]) => [name, tf.clone(t)])),
        };
    const all = await events(model, { steps: 2, resume: saved! });
    expect(all.map(({ type }) => type)).toEqual(["done"]);
    tf.dispose([...saved!.tensors.values()]);
    model.dispose();
  });

  it("throws StateError for a state of other variables or another version", async () => {
    const model = newModel();
    const state: CheckpointState = { step: 1, state: { version: 1 }, tensors: new Map() };
    await expect(events(model, { steps: 2, resume: state })).rejects.toMatchObject({ code: "E_STATE" });
    const newer = { ...state, state: { version: 2 } };
    await expect(events(model, { steps: 2, resume: newer })).rejects.toThrow(/must have version 1, got 2/);
    model.dispose();
  });

  it("throws for batches that end, are ragged or hold unknown tokens", async () => {
    const model = newModel();
    const run = (...given: TokenBatch[]) =>
      events(model, { steps: 2 }, given[Symbol.iterator]() as Generator<TokenBatch>);
    const batch: TokenBatch = { tokens: Int32Array.of(1, 2), lossMask: Float32Array.of(0, 1), shape: [1, 2] };
    await expect(run()).rejects.toThrow(/a batch for each of 2 steps, got 0/);
    await expect(run(batch)).rejects.toThrow(/a batch for each of 2 steps, got 1/);
    await expect(run({ ...batch, shape: [1, 3] })).rejects.toMatchObject({ code: "E_SHAPE" });
    await expect(run({ ...batch, tokens: Int32Array.of(1, 13) })).rejects.toThrow(/got 13 at row 0, position 1/);
    model.dispose();
  });

  it("throws for options that are outside their domain or contradict each other", async () => {
    const model = newModel();
    await expect(events(model, { steps: 0 })).rejects.toThrow(/steps must be a positive integer/);
    await expect(events(model, { steps: 1, checkpointEvery: 1.5 })).rejects.toThrow(/checkpointEvery must be/);
    await expect(events(model, { steps: 1, evalEvery: 1 })).rejects.toMatchObject({ code: "E_CONFIG" });
    await expect(events(model, { steps: 1, evaluation: [] })).rejects.toThrow(/must hold a label/);
    model.dispose();
  });
});
