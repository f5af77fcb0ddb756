// Texts of random lengths from a GPT-2 style model of ours, spoken to over standard input like decode.ts.
// Arguments: backend width layers heads length batch vocabulary, tokens of a prompt, most tokens to draw, prompts, and
// whether the next prompt takes the place of a text that ends (refill) or of all when the last one has (batches).

import { createRng } from "@x/core";
import { type Generation, generateAll, LanguageModel } from "@x/lm";
import { createRuntime } from "@x/runtime";
import { gpt2Config, readSize } from "../sizes.js";
import { serve } from "./serve.js";

const [backend, ...numbers] = process.argv.slice(2);
const size = readSize(numbers);
const [promptLength, maxNewTokens, count] = numbers.slice(6, 9).map(Number) as [number, number, number];
const places = numbers[9] === "refill" ? count : size.batch;

await createRuntime({ backend: backend as "native" | "wasm" | "cpu" });
const model = LanguageModel.create(gpt2Config(size), { seed: 0 });
const rng = createRng(0);
const prompts = Array.from({ length: count }, () =>
  Int32Array.from({ length: promptLength }, () => rng.int(size.vocabulary)),
);
const seeds = prompts.map((_, i) => i);
// To a model without training all tokens are about as likely: one of 32 ends a text.
const stopIds = Array.from({ length: size.vocabulary / 32 }, (_, id) => id);

await serve(async () => {
  const rows: Generation[] = [];
  for (let from = 0; from < count; from += places) {
    const requests = { prompts: prompts.slice(from, from + places), seeds: seeds.slice(from, from + places) };
    rows.push(...(await generateAll(model, requests, { maxNewTokens, stopIds, batchSize: size.batch })));
  }
  const logprobs = rows.flatMap((row) => [...row.logprobs]);
  return { tokens: logprobs.length, logprob: logprobs.reduce((a, b) => a + b) / logprobs.length };
});
