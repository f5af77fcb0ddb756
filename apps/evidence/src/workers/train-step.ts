// Our train step of a GPT-2 style model, spoken to over standard input like peers/train_step.py.
// Arguments: backend width layers heads length batch vocabulary.

import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { LanguageModel, lossWeight, nextTokenLoss } from "@x/lm";
import { adamW, createRuntime, trainStep } from "@x/runtime";
import { gpt2Config, readSize } from "../sizes.js";
import { serve } from "./serve.js";

const [backend, ...numbers] = process.argv.slice(2);
const size = readSize(numbers);
const { batch, length, vocabulary } = size;

await createRuntime({ backend: backend as "native" | "wasm" | "cpu" });
const model = LanguageModel.create(gpt2Config(size), { seed: 0 });
const step = trainStep({
  groups: [{ variables: model.variables, optimizer: adamW() }],
  loss: (input: { tokens: tf.Tensor2D }) => ({ loss: nextTokenLoss(model, input), weight: lossWeight(input) }),
  clipNorm: 1,
});
const rng = createRng(0);
const tokens = tf.tensor2d(
  Int32Array.from({ length: batch * length }, () => rng.int(vocabulary)),
  [batch, length],
  "int32",
);

await serve(() => ({ loss: step({ tokens }, 1e-3).loss }));
