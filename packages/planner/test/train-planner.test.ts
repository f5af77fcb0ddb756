import * as tf from "@tensorflow/tfjs-core";
import { AbortedError, ConfigError, StateError, ValueError } from "@x/core";
import { beforeAll, describe, expect, it } from "vitest";
import { codebookOf } from "../src/actions.js";
import type { PlanCorpus } from "../src/corpus.js";
import { evaluatePlanning } from "../src/evaluate.js";
import { Planner } from "../src/planner.js";
import { trainPlanner } from "../src/train-planner.js";
import { collect, tinyModel, tinyWorld } from "./tiny.js";

let corpus: PlanCorpus;
beforeAll(async () => {
  ({ corpus } = await tinyWorld());
});
const fresh = () => Planner.create(corpus.codebook, { hidden: 8, context: 4, seed: 3 });
const options = { batchSize: 4, length: 40, learningRate: 0.01, seed: 7 };

/** Documents whose actions go 0, 1, 2 or 0, 2, 1 with even odds: ln 2 / 3 nats a sentence are unavoidable. */
function branching(): PlanCorpus {
  const codebook = codebookOf(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 3, "e");
  const document = (...actions: number[]) => ({
    tokens: Int32Array.of(0, 1, 1, 1),
    sentenceStart: Int32Array.of(1, 2, 3),
    sentenceVectors: Float32Array.from(actions.flatMap((a) => [0, 1, 2].map((k) => (k === a ? 1 : 0)))),
    actions: Int32Array.from(actions),
  });
  return { codebook, documents: Array.from({ length: 8 }, (_, i) => (i % 2 ? document(0, 1, 2) : document(0, 2, 1))) };
}

describe("trainPlanner", () => {
  it("approaches the entropy of the next action and does not go below it", async () => {
    const data = branching();
    const planner = Planner.create(data.codebook, { hidden: 8, seed: 1 });
    const events = await collect(
      trainPlanner(planner, data, { ...options, batchSize: 8, steps: 150, learningRate: 0.02 }),
    );
    const losses = events.map((event) => (event.type === "step" ? event.data.loss! : Number.NaN));
    expect(losses[0]!).toBeGreaterThan(0.8);
    expect(losses.at(-1)!).toBeLessThan(Math.log(2) / 3 + 0.02);
    expect(Math.min(...losses)).toBeGreaterThan(Math.log(2) / 3 - 1e-3); // every batch is the whole corpus
    planner.dispose();
  });

  it("reports what evaluation finds: the first loss is the untrained planner's", async () => {
    const planner = fresh();
    const model = tinyModel(corpus);
    const before = await evaluatePlanning({ ...model, planner }, corpus, { source: "planner", length: 40 });
    const [first] = await collect(trainPlanner(planner, corpus, { ...options, batchSize: 12, steps: 1 }));
    expect(first).toMatchObject({ type: "step", step: 1, total: 1 });
    expect(first!.type === "step" && first!.data.loss).toBeCloseTo(before.nap!.loss, 5);
    planner.dispose();
    model.dispose();
  });

  it("repeats an uninterrupted run bit for bit when resumed, and leaves no tensors behind", async () => {
    const tensors = tf.memory().numTensors;
    const [whole, part] = [fresh(), fresh()];
    const run = { ...options, steps: 6 };
    const losses = (await collect(trainPlanner(whole, corpus, run))).map(
      (event) => event.type === "step" && event.data.loss,
    );
    let saved: { step: number; state: unknown; tensors: ReadonlyMap<string, tf.Tensor> } | undefined;
    for await (const event of trainPlanner(part, corpus, { ...run, checkpointEvery: 4 }))
      if (event.type === "checkpoint") {
        const copies = new Map(Array.from(event.checkpoint.tensors, ([name, tensor]) => [name, tf.clone(tensor)]));
        saved = { ...event.checkpoint, state: JSON.parse(JSON.stringify(event.checkpoint.state)), tensors: copies };
        break;
      }
    expect(saved!.step).toBe(4);
    const other = Planner.create(corpus.codebook, { hidden: 8, context: 4, seed: 99 });
    const resume = saved as NonNullable<Parameters<typeof trainPlanner>[2]["resume"]>;
    const rest = await collect(trainPlanner(other, corpus, { ...run, resume }));
    expect(rest.map((event) => event.step)).toEqual([5, 6]);
    expect(rest.map((event) => event.type === "step" && event.data.loss)).toEqual(losses.slice(4));
    await expect(collect(trainPlanner(other, corpus, { ...run, seed: 8, resume }))).rejects.toThrow(StateError);
    const turned = Object.fromEntries(Object.entries(run).toReversed()) as typeof run;
    expect(await collect(trainPlanner(other, corpus, { ...turned, resume }))).toEqual(rest);
    for (const planner of [whole, part, other]) planner.dispose();
    tf.dispose([...saved!.tensors.values()]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("stops at its signal, and throws for no steps or another codebook", async () => {
    const planner = fresh();
    const run = (changes: object, data = corpus) =>
      collect(trainPlanner(planner, data, { ...options, steps: 3, ...changes }));
    await expect(run({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    await expect(run({ steps: 0 })).rejects.toThrow(ValueError);
    await expect(run({}, branching())).rejects.toThrow(ConfigError);
    const moved = codebookOf(
      corpus.codebook.centroids.map((x) => x + 1),
      corpus.codebook.dim,
      "e",
    );
    await expect(run({}, { ...corpus, codebook: moved })).rejects.toThrow(StateError);
    planner.dispose();
  });
});
