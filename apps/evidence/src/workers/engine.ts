// Trains small models of characters on one engine: the backend of the argument, and X_JIT.
//   train SEED   answers with a Trained

import { createRng } from "@x/core";
import { batchSequences, charTokenizer, fit, generateAll, LanguageModel, presets, type TokenSequence } from "@x/lm";
import { createRuntime, describeRuntime } from "@x/runtime";
import { median } from "../benchmark.js";
import type { Trained } from "../experiments/engines.js";
import { alphabet, heldOutSums, textOf } from "../sums-and-brackets.js";
import { answerLines } from "./serve.js";

const lines = 7;
const length = 64; // of so many lines
const batchSize = 16;
const steps = 1500;
const learningRate = { kind: "warmupCosine", peak: 3e-3, final: 1e-5, warmup: 50, steps } as const;

await createRuntime({ backend: process.argv[2] as "native" | "wasm" });
const tokenizer = charTokenizer(alphabet);
const config = { ...presets("nano"), vocabSize: tokenizer.vocabSize, maxPositions: length };
await answerLines((_, seed) => train(seed));

async function train(seed: number): Promise<Trained> {
  const model = LanguageModel.create(config, { seed });
  const evaluation = [...batchSequences(rows("validation", 256), batchSize)];
  const batches = batchSequences(rows(`train ${seed}`, steps * batchSize), batchSize);
  const curve: { step: number; nll: number }[] = [];
  const ms: number[] = [];
  let last = performance.now();
  for await (const event of fit(model, batches, { steps, learningRate, evaluation, evalEvery: steps / 10 })) {
    if (event.type === "step") ms.push(performance.now() - last);
    if (event.type === "eval") curve.push({ step: event.step, nll: event.data.nll });
    last = performance.now();
  }
  const solved = await solvedShare(model);
  model.dispose();
  return { curve, solved, ms: median(ms), backend: describeRuntime() };
}

function* rows(seed: string, count: number): Generator<TokenSequence> {
  const rng = createRng(seed);
  const lossMask = new Float32Array(length).fill(1);
  for (let i = 0; i < count; i++) yield { tokens: tokenizer.encode(textOf(lines, rng)), lossMask };
}

/** The share of the held-out additions whose likeliest continuation is the answer. */
async function solvedShare(model: LanguageModel): Promise<number> {
  const prompts = heldOutSums.map(({ question }) => tokenizer.encode(`\n${question}`));
  const drawn = await generateAll(model, { prompts, seed: 0 }, { temperature: 0, maxNewTokens: 2, stopIds: [] });
  const right = drawn.filter(({ tokens }, i) => tokenizer.decode(tokens) === heldOutSums[i]!.answer);
  return right.length / drawn.length;
}
