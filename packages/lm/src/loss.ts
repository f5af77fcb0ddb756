import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { nn } from "@x/runtime";
import type { Inject, LanguageModel } from "./model.js";

/** What a loss needs of a model. */
export type LogitModel = Pick<LanguageModel, "vocabSize" | "logits">;

/** Token sequences to learn from. */
export interface LossBatch {
  /** `[B, T]` int32. */
  readonly tokens: tf.Tensor2D;
  /** `[B, T]`: the weight of each token as a label, to be predicted from those before it; the first column is not read. */
  readonly lossMask?: tf.Tensor2D | undefined;
  /** `[B, T]`, 1 = real: the other tokens are neither seen nor labels. */
  readonly attentionMask?: tf.Tensor2D | undefined;
}

/**
 * The mean cross-entropy of the next token, in nats.
 *
 *   L = Σ_{b, t ≥ 1} w_bt · (−log p(x_bt | x_b,<t)) / Σ_{b, t ≥ 1} w_bt,  w = lossMask · attentionMask
 *
 * A batch without any weight gives 0. Differentiable in the model's variables and in what is injected.
 *
 * @throws ShapeError when a mask has not the shape of the tokens; else as `LanguageModel.forward`.
 */
export function nextTokenLoss(
  model: LogitModel,
  { tokens, lossMask, attentionMask }: LossBatch,
  { inject }: { readonly inject?: Inject } = {},
): tf.Scalar {
  if (lossMask !== undefined && !tf.util.arraysEqual(lossMask.shape, tokens.shape))
    throw new ShapeError(
      `nextTokenLoss: lossMask must have the shape of tokens [${tokens.shape}], got [${lossMask.shape}]`,
    );
  return tf.tidy(() => {
    const logits = model.logits(tokens, {
      ...(attentionMask === undefined ? {} : { attentionMask }),
      ...(inject === undefined ? {} : { inject }),
    });
    // The last column has a logit and no label: it stays, with weight 0, rather than being cut out of [B, T, V].
    const nll = nn.sparseCrossEntropy(tf.reshape(logits, [-1, model.vocabSize]), tf.reshape(shifted(tokens), [-1]));
    const w = tf.reshape(labelWeights({ tokens, lossMask, attentionMask }), [-1]);
    return tf.div<tf.Scalar>(tf.sum(tf.mul(w, nll)), tf.maximum(tf.sum(w), 1e-30));
  });
}

/** Of what `nextTokenLoss` is the mean: Σ_{b, t ≥ 1} w_bt. */
export function lossWeight(batch: LossBatch): tf.Scalar {
  return tf.tidy(() => tf.sum<tf.Scalar>(labelWeights(batch)));
}

/** The weight of the label of each token, `[B, T]`; the last one has none. */
function labelWeights({ tokens, lossMask, attentionMask }: LossBatch): tf.Tensor2D {
  const masks = [lossMask, attentionMask].filter((mask) => mask !== undefined);
  const weight = masks.reduce<tf.Tensor>((w, mask) => tf.mul(w, tf.cast(mask, "float32")), tf.onesLike(tokens));
  return shifted(tf.cast(weight, "float32") as tf.Tensor2D);
}

/** What `tokenLogprobs` may be given. */
export interface LogprobOptions {
  /** Divides the logits, as a sampler does; default 1. */
  readonly temperature?: number;
  readonly attentionMask?: tf.Tensor2D;
  readonly inject?: Inject;
}

/**
 * The log-probability of every token given those before it, in nats, by one pass.
 *
 *   y_bt = log softmax(z_bt / τ)[x_b,t+1],  t = 0 … T − 2
 *
 * @param tokens - `[B, T]` int32, T ≥ 2.
 * @returns `[B, T − 1]`, differentiable.
 * @throws ValueError for a temperature that is not positive; ShapeError for T < 2; else as `LanguageModel.forward`.
 */
export function tokenLogprobs(
  model: LogitModel,
  tokens: tf.Tensor2D,
  { temperature = 1, ...options }: LogprobOptions = {},
): tf.Tensor2D {
  if (!(temperature > 0 && temperature < Number.POSITIVE_INFINITY))
    throw new ValueError(`tokenLogprobs: temperature must be positive, got ${temperature}`, {
      argument: "temperature",
      value: temperature,
    });
  if (tokens.rank !== 2 || tokens.shape[1] < 2)
    throw new ShapeError(`tokenLogprobs: tokens must be [B, T] with T ≥ 2, got [${tokens.shape}]`);
  return tf.tidy(() => {
    const [rows, length] = tokens.shape;
    const logits = model.logits(tokens, options);
    const scaled = temperature === 1 ? logits : tf.div(logits, temperature);
    return tf.slice(nn.gatherLogprobs(scaled, shifted(tokens)) as tf.Tensor2D, [0, 0], [rows, length - 1]);
  });
}

/** Column t + 1 in the place of column t; the last column is 0. */
function shifted(x: tf.Tensor2D): tf.Tensor2D {
  const [rows, length] = x.shape;
  return tf.concat([tf.slice(x, [0, 1], [rows, length - 1]), tf.zeros([rows, 1], x.dtype)], 1) as tf.Tensor2D;
}
