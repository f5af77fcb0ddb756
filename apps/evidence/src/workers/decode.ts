// Sampling from a GPT-2 style model of ours, spoken to over standard input like peers/decode.py.
// Arguments: backend width layers heads length batch vocabulary, tokens of a prompt, tokens to draw.

import { createRng } from "@x/core";
import { generateAll, LanguageModel } from "@x/lm";
import { createRuntime } from "@x/runtime";
import { gpt2Config, readSize } from "../sizes.js";
import { serve } from "./serve.js";

const [backend, ...numbers] = process.argv.slice(2);
const size = readSize(numbers);
const [promptLength, maxNewTokens] = numbers.slice(6).map(Number) as [number, number];

await createRuntime({ backend: backend as "native" | "wasm" | "cpu" });
const model = LanguageModel.create(gpt2Config(size), { seed: 0 });
const rng = createRng(0);
const prompts = Array.from({ length: size.batch }, () =>
  Int32Array.from({ length: promptLength }, () => rng.int(size.vocabulary)),
);
let seed = 0;

await serve(async () => {
  const seeds = prompts.map(() => seed++);
  const rows = await generateAll(model, { prompts, seeds }, { maxNewTokens, stopIds: [] });
  const logprobs = rows.flatMap((row) => [...row.logprobs]);
  return {
    tokens: rows.reduce((sum, row) => sum + row.tokens.length, 0),
    logprob: logprobs.reduce((a, b) => a + b) / logprobs.length,
  };
});
