import * as tf from "@tensorflow/tfjs-core";
import { AbortedError, StateError, ValueError } from "@x/core";
import { beforeAll, describe, expect, it } from "vitest";
import { codebookOf } from "../src/actions.js";
import { planChunks } from "../src/chunks.js";
import {
  type GeneratePlannedOptions,
  generatePlanned,
  type PlannedToken,
  type PlannedWriter,
} from "../src/generate.js";
import { planTensors, planWeights } from "../src/objective.js";
import { Planner } from "../src/planner.js";
import { expectClose } from "./expect-close.js";
import { collect, tinyModel, tinyWorld } from "./tiny.js";

let world: Awaited<ReturnType<typeof tinyWorld>>;
let writer: PlannedWriter;
beforeAll(async () => {
  world = await tinyWorld();
  const model = tinyModel(world.corpus, { context: 3 });
  for (const variable of model.adapter.projections.values()) variable.assign(tf.tidy(() => tf.mul(variable, 10)));
  writer = { ...model, ...world };
});
const options: GeneratePlannedOptions = { maxNewTokens: 24, seed: 5 };
const write = (prompt: string, changes: Partial<GeneratePlannedOptions> = {}, w = writer) =>
  collect(generatePlanned(w, prompt, { ...options, ...changes }));
const prompt = () => world.texts[0]!.split(". ").slice(0, 2).join(". "); // one whole sentence and an open one

/** What evaluation gives for a prompt and what was written: the plan of each sentence, the logits behind each token. */
async function inOnePass(start: string, written: readonly number[], endTokens: ReadonlySet<number>) {
  const { tokenizer, segmenter, embedder, codebook } = world;
  const sentences = segmenter.segment(start).map((sentence) => [...tokenizer.encode(sentence)]);
  for (const token of written) {
    const last = sentences.at(-1);
    if (last === undefined || endTokens.has(last.at(-1)!)) sentences.push([token]);
    else last.push(token);
  }
  const tokens = [0, ...sentences.flat()];
  const document = {
    tokens: Int32Array.from(tokens),
    sentenceStart: Int32Array.from(sentences, (_, s) => 1 + sentences.slice(0, s).flat().length),
    sentenceVectors: await embedder.embed(sentences.map((sentence) => tokenizer.decode(Int32Array.from(sentence)))),
    actions: new Int32Array(sentences.length),
  };
  const corpus = { documents: [document], codebook };
  const host = planChunks(corpus, { length: tokens.length - 1, batchSize: 1, reach: writer.planner.reach }).batch(0);
  return tf.tidy(() => {
    const batch = planTensors(host);
    const planLogits = writer.planner.logits(batch.vectors, batch.vectorMask);
    const plans = planWeights(planLogits, batch, { source: "planner", selection: { kind: "soft" }, training: false });
    const logits = writer.lm.logits(batch.tokens, { inject: writer.adapter.injections(plans, batch.planOfToken) });
    return {
      sentences: sentences.length,
      plans: plans.arraySync()[0]!,
      planOfToken: [...host.planOfToken],
      logits: logits.arraySync()[0]!,
    };
  });
}

describe("generatePlanned", () => {
  it("writes every token under the plan, and from the logits, that one pass over the whole text gives it", async () => {
    // Every third token ends a sentence, so that an untrained model writes many.
    const endTokens = new Set(Array.from({ length: 33 }, (_, i) => 2 + 3 * i));
    for (const start of ["", prompt(), `${prompt()}.`])
      for (const temperature of [0, 1]) {
        const events = await write(start, { temperature }, { ...writer, endTokens });
        const written = events.map(({ token }) => token);
        const whole = await inOnePass(start, written, endTokens);
        if (temperature > 0) expect(whole.sentences).toBeGreaterThan(4);
        const from = whole.logits.length - written.length;
        events.forEach(({ token, plan }, i) => {
          const row = whole.planOfToken[from + i]!;
          expect(plan.sentence).toBe(row);
          expectClose(plan.weights, whole.plans[row]!, { atol: 1e-5 });
          expect(plan.action).toBe(whole.plans[row]!.indexOf(Math.max(...whole.plans[row]!)));
          const logits = whole.logits[from + i]!;
          if (temperature === 0) expect(logits[token]!).toBeGreaterThan(Math.max(...logits) - 1e-5);
        });
      }
  });

  it("plans anew exactly behind end tokens", async () => {
    const events = await write("", { maxNewTokens: 60 });
    let sentence = 0;
    for (const { token, plan } of events) {
      expect(plan.sentence).toBe(sentence);
      if (token === 2) sentence++;
    }
    const stopping = { ...writer, endTokens: new Set(Array.from({ length: 99 }, (_, i) => i)) };
    const each = await write("", { maxNewTokens: 6 }, stopping);
    expect(each.map(({ plan }) => plan.sentence)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("reads with a cache what it reads anew without one, and with a window what the model saw last", async () => {
    const strip = (events: readonly PlannedToken[]) =>
      events.map(({ token, text, plan }) => [token, text, plan.sentence, plan.action]);
    const cached = strip(await write(prompt()));
    expect(strip(await write(prompt(), { contextLength: 64 }))).toEqual(cached);
    const { lm } = writer;
    const bare = { ...writer, lm: { ...portOf(lm) } };
    expect(strip(await write(prompt(), {}, bare))).toEqual(cached);
    expect(strip(await write(prompt(), { contextLength: 4, maxNewTokens: 80 })).length).toBe(80); // longer than the model reads
  });

  it("adds its texts up to the decoded tokens", async () => {
    const events = await write("");
    const tokens = Int32Array.from(events, ({ token }) => token);
    expect(events.map(({ text }) => text).join("")).toBe(world.tokenizer.decode(tokens));
  });

  it("holds back a character until its tokens are whole, but not for ever", async () => {
    // Behind the begin token two tokens make "ab".
    const hesitant = {
      ...world.tokenizer,
      decode: (ids: Int32Array) =>
        "ab".repeat(Math.floor((ids.length - 1) / 2)) + (ids.length % 2 === 0 ? "\uFFFD" : ""),
    };
    const texts = async (maxNewTokens: number) =>
      (await write("", { maxNewTokens }, { ...writer, tokenizer: hesitant })).map(({ text }) => text);
    expect(await texts(4)).toEqual(["", "ab", "", "ab"]);
    expect(await texts(3)).toEqual(["", "ab", "\uFFFD"]);
  });

  it("keeps the blank between the prompt and what follows, where the tokenizer writes none before its first token", async () => {
    const spaced = {
      ...world.tokenizer,
      decode: (ids: Int32Array) => Array.from(ids, (id) => `w${id}`).join(" "),
    };
    const [first] = await write(prompt(), { maxNewTokens: 1 }, { ...writer, tokenizer: spaced });
    expect(first!.text).toBe(` w${first!.token}`);
  });

  it("draws the same for the same seed, other tokens for another, and flatter ones when hot", async () => {
    const tokens = async (changes: Partial<GeneratePlannedOptions>) =>
      (await write("", changes)).map(({ token }) => token);
    expect(await tokens({})).toEqual(await tokens({}));
    expect(await tokens({ seed: 6 })).not.toEqual(await tokens({}));
    expect(await tokens({ temperature: 0, seed: 1 })).toEqual(await tokens({ temperature: 0, seed: 2 }));
    expect(await tokens({ temperature: 1e-3, seed: 1 })).toEqual(await tokens({ temperature: 0 }));
  });

  it("ends before the model's end token", async () => {
    const favourite = { ...portOf(writer.lm), eosId: (await write("", { temperature: 0 }))[0]!.token };
    expect(await write("", { temperature: 0 }, { ...writer, lm: favourite })).toEqual([]);
  });

  it("ends when a timer fires its signal", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1);
    await expect(write("", { maxNewTokens: 60, signal: controller.signal })).rejects.toThrow(AbortedError);
  });

  it("writes only tokens that the tokenizer has", async () => {
    const { tokenizer } = world;
    const decode = (ids: Int32Array) => {
      if (ids.some((id) => id >= 20)) throw new Error(`no tokens ${ids}`);
      return tokenizer.decode(ids);
    };
    const small = { ...writer, tokenizer: { ...tokenizer, vocabSize: 20, decode } };
    expect((await write("", {}, small)).every(({ token }) => token < 20)).toBe(true);
  });

  it("leaves no tensors behind, also when it is left early", async () => {
    const before = tf.memory().numTensors;
    await write(prompt());
    for await (const _ of generatePlanned(writer, "", options)) break;
    await expect(write("", { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("throws for parts that do not belong together and numbers outside their range", async () => {
    const strange = Planner.create(
      codebookOf(
        world.codebook.centroids.map((x) => -x),
        6,
        world.embedder.id,
      ),
      { hidden: 8, seed: 1 },
    );
    await expect(write("", {}, { ...writer, planner: strange })).rejects.toThrow(StateError);
    strange.dispose();
    const other = { ...world.embedder, id: "other" };
    await expect(write("", {}, { ...writer, embedder: other })).rejects.toThrow(StateError);
    await expect(write("", { maxNewTokens: 0 })).rejects.toThrow(ValueError);
    await expect(write("", { contextLength: 0 })).rejects.toThrow(ValueError);
    await expect(write("", { temperature: -1 })).rejects.toThrow("temperature must be finite and ≥ 0, got -1");
  });
});

/** The port without a cache. */
function portOf(lm: PlannedWriter["lm"]): PlannedWriter["lm"] {
  return {
    layers: lm.layers,
    vocabSize: lm.vocabSize,
    eosId: lm.eosId,
    variables: lm.variables,
    injectionWidth: (layer, site) => lm.injectionWidth(layer, site),
    logits: (tokens, o) => lm.logits(tokens, o),
  };
}
