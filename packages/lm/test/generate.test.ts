import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GenerateRequests, type Generation, generate, generateAll } from "../src/generate.js";
import type { LanguageModel } from "../src/model.js";
import { scoreLogprobs } from "../src/score.js";
import { tinyModel } from "./models.js";

const sizes = { vocabSize: 13, maxPositions: 160 };
const rng = createRng("prompts");
const prompt = (length: number) => Int32Array.from({ length }, () => rng.int(13));
const ragged = [prompt(1), prompt(9), prompt(4), prompt(61)];

async function teacherForced(
  model: LanguageModel,
  prompts: readonly Int32Array[],
  rows: readonly Generation[],
  temperature = 1,
) {
  const pairs = rows.map(({ tokens }, i) => ({ prompt: prompts[i]!, continuation: tokens }));
  const scores: Float32Array[] = [];
  for await (const { logprobs } of scoreLogprobs(model, pairs, { temperature })) scores.push(logprobs);
  return scores;
}

const furthest = (a: readonly Float32Array[], b: readonly Float32Array[]) =>
  Math.max(...a.flatMap((row, i) => Array.from(row, (x, t) => Math.abs(x - b[i]![t]!))));

describe.each([
  ["learned positions", { ...sizes, family: "gpt2" }],
  ["rotary positions and grouped heads", { ...sizes, family: "llama", kvHeads: 2 }],
] as const)("generate with %s", (_, config) => {
  let model: LanguageModel;
  beforeAll(() => {
    model = tinyModel(config);
  });
  afterAll(() => model.dispose());

  it("reports the log-probabilities of teacher forcing, over ragged prompts and a growing cache", async () => {
    const rows = await generateAll(model, { prompts: ragged, seed: 1 }, { maxNewTokens: 12, temperature: 0.8 });
    expect(rows.map(({ tokens }) => tokens.length)).toEqual([12, 12, 12, 12]);
    const scores = await teacherForced(model, ragged, rows, 0.8);
    expect(
      furthest(
        rows.map((row) => row.rawLogprobs),
        scores,
      ),
    ).toBeLessThan(1e-5);
    expect(
      furthest(
        rows.map((row) => row.logprobs),
        scores,
      ),
    ).toBeLessThan(1e-5);
  });

  it("takes the most likely tokens of teacher forcing at temperature 0", async () => {
    const [row] = await generateAll(model, { prompts: [ragged[2]!], seed: 1 }, { maxNewTokens: 10, temperature: 0 });
    const whole = [...ragged[2]!, ...row!.tokens];
    const best = tf.tidy(() => tf.argMax(model.logits(tf.tensor2d([whole], undefined, "int32")), 2).dataSync());
    expect([...row!.tokens]).toEqual([...best.slice(3, 13)]);
    expect([...row!.logprobs]).toEqual(Array(10).fill(0));
  });

  it("draws the same row alone, among 63 others and in another place", async () => {
    const prompts = Array.from({ length: 64 }, (_, i) => prompt(1 + ((5 * i) % 17)));
    const seeds = prompts.map((_, i) => `row ${i}`);
    const options = { maxNewTokens: 16, temperature: 1.2, topP: 0.95 };
    const tokens = async (requests: GenerateRequests) =>
      (await generateAll(model, requests, options)).map((row) => [...row.tokens]);
    const together = await tokens({ prompts, seeds });
    expect(await tokens({ prompts: prompts.toReversed(), seeds: seeds.toReversed() })).toEqual(together.toReversed());
    for (const i of [0, 21, 63])
      expect(await tokens({ prompts: [prompts[i]!], seeds: [seeds[i]!] })).toEqual([together[i]]);
  });

  it("draws the same rows whatever the chunk is, and when rows that end make place for others", async () => {
    const prompts = Array.from({ length: 11 }, (_, i) => prompt(1 + ((7 * i) % 29)));
    const seeds = prompts.map((_, i) => i);
    const rows = (rest: object) =>
      generateAll(model, { prompts, seeds }, { maxNewTokens: 40, stopIds: [3, 5], ...rest });
    const expected = await rows({});
    expect(new Set(expected.map(({ tokens }) => tokens.length)).size).toBeGreaterThan(4);
    for (const rest of [{ chunk: 1 }, { chunk: 7 }, { batchSize: 4, chunk: 7 }, { batchSize: 3 }, { batchSize: 1 }]) {
      const actual = await rows(rest);
      expect(actual.map(({ tokens }) => [...tokens])).toEqual(expected.map(({ tokens }) => [...tokens]));
      expect(actual.map(({ finishReason }) => finishReason)).toEqual(expected.map(({ finishReason }) => finishReason));
      expect(
        furthest(
          actual.map(({ rawLogprobs }) => rawLogprobs),
          expected.map(({ rawLogprobs }) => rawLogprobs),
        ),
      ).toBeLessThan(1e-5);
    }
  });

  it.each([1, 7, 32])("reports the log-probabilities of teacher forcing in chunks of %i", async (chunk) => {
    const options = { maxNewTokens: 35, temperature: 1.3, chunk, batchSize: 3 };
    const rows = await generateAll(model, { prompts: ragged, seed: 2 }, options);
    const scores = await teacherForced(model, ragged, rows, 1.3);
    expect(
      furthest(
        rows.map((row) => row.rawLogprobs),
        scores,
      ),
    ).toBeLessThan(1e-5);
  });
});

describe("generate", () => {
  let model: LanguageModel;
  beforeAll(() => {
    model = tinyModel({ ...sizes, family: "gpt2" });
  });
  afterAll(() => model.dispose());

  it("draws different rows for one prompt and one seed, and the same again", async () => {
    const requests = { prompts: [ragged[2]!, ragged[2]!], seed: 3 };
    const [a, b] = await generateAll(model, requests, { maxNewTokens: 20 });
    expect(a!.tokens).not.toEqual(b!.tokens);
    expect(await generateAll(model, requests, { maxNewTokens: 20 })).toEqual([a, b]);
  });

  it("ends a row with its first stop token and goes on with the others", async () => {
    const options = { maxNewTokens: 40, stopIds: [2, 7] };
    const rows = await generateAll(model, { prompts: ragged, seed: 5 }, options);
    for (const { tokens, finishReason } of rows) {
      const first = tokens.findIndex((token) => token === 2 || token === 7);
      expect(finishReason).toBe(first < 0 ? "length" : "stop");
      expect(tokens.length).toBe(first < 0 ? 40 : first + 1);
    }
    expect(new Set(rows.map(({ tokens }) => tokens.length)).size).toBeGreaterThan(1);
  });

  it("yields at each step one token for every row that goes on", async () => {
    const options = { maxNewTokens: 30, stopIds: [4] };
    const seen: number[][] = ragged.map(() => []);
    const steps = generate(model, { prompts: ragged, seed: 8 }, options);
    let at = 0;
    for await (const { type, step, total, data } of steps) {
      expect([type, step, total]).toEqual(["tokens", at++, 30]);
      for (const { row, token, finishReason } of data) {
        seen[row]!.push(token);
        expect(finishReason === null).toBe(token !== 4 && step < 29);
      }
    }
    const rows = await generateAll(model, { prompts: ragged, seed: 8 }, options);
    expect(seen).toEqual(rows.map(({ tokens }) => [...tokens]));
  });

  it("draws only tokens below vocabSize and renormalises", async () => {
    const first = prompt(2);
    const [row] = await generateAll(model, { prompts: [first], seed: 1 }, { maxNewTokens: 60, vocabSize: 3 });
    expect(new Set(row!.tokens)).toEqual(new Set([0, 1, 2]));
    const logits = tf.tidy(() =>
      model
        .logits(tf.tensor2d([[...first]], undefined, "int32"))
        .dataSync()
        .slice(13, 16),
    );
    const mass = Math.exp(logits[0]!) + Math.exp(logits[1]!) + Math.exp(logits[2]!);
    expect(row!.logprobs[0]).toBeCloseTo(logits[row!.tokens[0]!]! - Math.log(mass), 5);
  });

  it("fills the model to its last position", async () => {
    const [row] = await generateAll(model, { prompts: [prompt(100)], seed: 1 }, { maxNewTokens: 60 });
    expect(row!.tokens).toHaveLength(60);
  });

  it("keeps the number of tensors over 100 generations, ended, left and aborted ones", async () => {
    const before = tf.memory().numTensors;
    for (let i = 0; i < 98; i++) await generateAll(model, { prompts: [prompt(2)], seed: i }, { maxNewTokens: 2 });
    for await (const _ of generate(model, { prompts: [prompt(2)], seed: 1 }, { maxNewTokens: 9 })) break;
    const aborted = { maxNewTokens: 9, signal: AbortSignal.abort("enough") };
    await expect(generateAll(model, { prompts: [prompt(2)], seed: 1 }, aborted)).rejects.toMatchObject({
      code: "E_ABORTED",
      cause: "enough",
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("says where logits are not numbers", async () => {
    const broken = tinyModel({ ...sizes, family: "gpt2" });
    const bias = broken.variables.get("norm.b")!;
    bias.assign(tf.fill(bias.shape, Number.NaN));
    await expect(generateAll(broken, { prompts: [prompt(4)], seed: 1 }, { maxNewTokens: 2 })).rejects.toThrow(
      /logits must be numbers .* in row 0 at position 4/,
    );
    broken.dispose();
  });

  it("stops between steps when the signal fires", async () => {
    const controller = new AbortController();
    const steps = generate(
      model,
      { prompts: [prompt(3)], seed: 1 },
      { maxNewTokens: 9, chunk: 1, signal: controller.signal },
    );
    await steps.next();
    controller.abort();
    await expect(steps.next()).rejects.toMatchObject({ code: "E_ABORTED" });
  });

  it("throws ValueError for prompts that are empty, too long or hold unknown tokens", async () => {
    const run = (prompts: Int32Array[]) => generateAll(model, { prompts, seed: 1 }, { maxNewTokens: 60 });
    await expect(run([])).rejects.toThrow(/prompts must not be empty/);
    await expect(run([prompt(3), new Int32Array(0)])).rejects.toThrow(/must have 1 to 100 tokens .* got 0 in row 1/);
    await expect(run([prompt(101)])).rejects.toThrow(/maxPositions 160 − maxNewTokens 60\), got 101 in row 0/);
    await expect(run([prompt(3), Int32Array.of(1, 13)])).rejects.toThrow(/in \[0, 13\), got 13 at row 1, position 1/);
  });

  it("never takes more steps than it says, whoever begins when", async () => {
    const prompts = Array.from({ length: 7 }, (_, i) => prompt(1 + i));
    for (const rest of [{}, { batchSize: 2 }, { batchSize: 3, chunk: 7 }, { batchSize: 7, chunk: 7 }, { chunk: 64 }])
      for (const stopIds of [[], [3, 5, 8]]) {
        let last = 0;
        const options = { maxNewTokens: 40, stopIds, ...rest };
        for await (const { step, total } of generate(model, { prompts, seed: 3 }, options)) {
          expect(step).toBe(last++);
          expect(step).toBeLessThan(total);
        }
      }
  });

  it("throws ConfigError unless there is one seed or one for each prompt", async () => {
    const run = (rest: object) => generateAll(model, { prompts: [prompt(3)], ...rest }, { maxNewTokens: 2 });
    await expect(run({})).rejects.toMatchObject({ code: "E_CONFIG" });
    await expect(run({ seed: 1, seeds: [1] })).rejects.toMatchObject({ code: "E_CONFIG" });
    await expect(run({ seeds: [1, 2] })).rejects.toMatchObject({ code: "E_CONFIG" });
  });

  it("throws ValueError for options outside their domain", async () => {
    for (const bad of [
      { maxNewTokens: 0 },
      { maxNewTokens: 160 },
      { vocabSize: 14 },
      { topP: 2 },
      { temperature: 1e-46 },
      { chunk: 0 },
      { chunk: 161 },
      { batchSize: 1.5 },
    ])
      await expect(
        generateAll(model, { prompts: [prompt(3)], seed: 1 }, { maxNewTokens: 2, ...bad }),
      ).rejects.toMatchObject({ code: "E_VALUE" });
  });
});
