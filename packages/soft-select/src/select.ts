import * as tf from "@tensorflow/tfjs-core";
import { ConfigError } from "@x/core";
import { checkMap, checkName, checkNumber, wholeIn } from "./checks.js";
import { detached, withGradient } from "./custom-gradient.js";
import { entmax15 } from "./entmax15.js";
import { gumbelSoftmax } from "./gumbel.js";
import { hard } from "./hard.js";
import { keepAllowed } from "./mask.js";
import { oneHot } from "./one-hot.js";
import { sampleOneHot } from "./sample-one-hot.js";
import { softmax } from "./softmax.js";
import { sparsemax } from "./sparsemax.js";
import { straightThrough } from "./straight-through.js";
import { topkSoftmax } from "./topk-softmax.js";
import type { MapOptions, Selection, SelectOptions, SelectResult } from "./types.js";

const kinds = ["soft", "hard", "straightThrough", "gumbel", "sampled", "uniform", "fixed"];
const mappings = ["softmax", "sparsemax", "entmax15", "topkSoftmax"];

/**
 * Turns logits into selection weights, with a chosen forward rule and a chosen gradient.
 *
 * | kind | weights | gradient |
 * |---|---|---|
 * | `soft` | softmax (default), sparsemax, entmax15 or topkSoftmax of z/τ | exact |
 * | `hard` | one-hot of the argmax | 0 |
 * | `straightThrough` | one-hot of the argmax | of the surrogate `backward` |
 * | `gumbel` | softmax((z + cG)/τ), or its argmax as a one-hot (`hard`) | of that softmax |
 * | `sampled` | one-hot of a draw from the softmax | straight-through softmax, or ReinMax |
 * | `uniform`, `fixed` | the same whatever the logits: the controls of an experiment | 0 |
 *
 * With `training: false` the stochastic kinds draw nothing: `gumbel` gives softmax(z/τ) or the argmax, `sampled` the
 * argmax. Whatever the kind, an entry that the mask does not allow has weight and gradient 0, and a row where it allows
 * nothing has weights 0 and index 0.
 *
 * @param logits - z, `[…, K]`, finite; the choice is along the last axis.
 * @throws ShapeError when the logits are not float32 `[…, K]`, or mask or noise do not broadcast to them.
 * @throws ValueError when a number of the selection is outside its domain, or a name is unknown.
 * @throws ConfigError when `gumbel` or `sampled` has no noise while training.
 */
export function select(logits: tf.Tensor, selection: Selection, options: SelectOptions = {}): SelectResult {
  checkName("select", "kind", selection.kind, kinds);
  const weights = selectWeights(logits, selection, options);
  return { weights, indices: detached(() => tf.argMax(weights, -1)) };
}

function selectWeights(logits: tf.Tensor, selection: Selection, options: SelectOptions): tf.Tensor {
  const { mask, training = true } = options;
  switch (selection.kind) {
    case "soft":
      return soft(logits, selection, mask);
    case "hard":
      return hard(logits, { mask });
    case "straightThrough":
      return straightThrough(logits, { ...selection, mask });
    case "gumbel":
      if (training) return gumbelSoftmax(logits, { ...selection, mask, noise: noiseFor(selection, options) });
      return (selection.hard ? straightThrough : softmax)(logits, { temperature: selection.temperature, mask });
    case "sampled":
      if (training) return sampleOneHot(logits, { ...selection, mask, noise: noiseFor(selection, options) });
      return straightThrough(logits, { temperature: selection.temperature, mask });
    case "uniform":
      return constant(logits, mask, (z) => softmax(tf.zerosLike(z), { mask }));
    case "fixed":
      return fixed(logits, selection.index, mask);
  }
}

function soft(logits: tf.Tensor, selection: Selection & { kind: "soft" }, mask: MapOptions["mask"]): tf.Tensor {
  const { mapping = "softmax" } = selection;
  checkName("select", "mapping", mapping, mappings);
  const options = { ...selection, mask };
  if (options.mapping === "topkSoftmax") return topkSoftmax(logits, options.k, options);
  return { softmax, sparsemax, entmax15 }[options.mapping ?? "softmax"](logits, options);
}

function fixed(logits: tf.Tensor, index: number, mask: MapOptions["mask"]): tf.Tensor {
  return constant(logits, mask, (z) => {
    const K = z.shape.at(-1)!;
    checkNumber("select", "index", index, wholeIn(0, K - 1));
    const e = oneHot(tf.fill(z.shape.slice(0, -1), index, "int32"), K);
    return mask === undefined ? e : keepAllowed(e, mask);
  });
}

/** Weights that do not depend on the values of the logits; gradient 0. */
function constant(logits: tf.Tensor, mask: MapOptions["mask"], weights: (z: tf.Tensor) => tf.Tensor): tf.Tensor {
  checkMap("select", logits, { mask });
  return tf.tidy(() => withGradient(logits, (z) => [weights(z)], tf.zerosLike));
}

function noiseFor(selection: Selection, { noise }: SelectOptions): tf.Tensor {
  if (noise === undefined)
    throw new ConfigError(
      `select: kind "${selection.kind}" needs noise while training (see gumbelNoise), got none; pass it or training: false`,
    );
  return noise;
}
