import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { checkFits, checkInteger, checkOneOf, checkRows, describe } from "./checks.js";
import { detach } from "./custom-gradient.js";
import { oneHot } from "./one-hot.js";

/** Which values of k are tried. L are the leading axes of the logits `[L, K]`, n is the number of draws. */
export type Estimator =
  /** All K values: exact. A K above `maxEnumerate`, default 64, is refused. */
  | { readonly kind: "enumerate"; readonly maxEnumerate?: number }
  /** `baseline` b, default 0, broadcastable to L: a constant, a running mean of `value`, a critic's prediction. */
  | { readonly kind: "reinforce"; readonly draws: tf.Tensor; readonly baseline?: number | tf.Tensor }
  /** n ≥ 2; the baseline of each draw is the mean of the others. */
  | { readonly kind: "rloo"; readonly draws: tf.Tensor }
  /** The m = `top` likeliest values exactly, then n draws from the rest; `noise` is Gumbel, `[n, L, K]`. */
  | { readonly kind: "sumAndSample"; readonly top: number; readonly noise: tf.Tensor };

/** What `estimate` gives. */
export interface Estimate {
  /** Its gradient is the estimate of ∇_z E[f]; its own value means nothing. */
  readonly surrogate: tf.Scalar;
  /** The estimate of E[f]: differentiable in what f uses, constant in the logits. */
  readonly value: tf.Scalar;
}

/** The values kᵢ `[n, L]`, the weights ωᵢ of their costs, and the baseline bᵢ as a function of the costs `[n, L]`. */
interface Trials {
  readonly indices: tf.Tensor;
  readonly omega: tf.Tensor;
  readonly baseline: (costs: tf.Tensor) => tf.Tensor | number;
}

/**
 * Estimates the gradient of an expected cost whose f takes indices, a black box in its argument.
 *
 *   E[f] ≈ Σᵢ ωᵢ f(kᵢ)
 *   ∇_z E[f] ≈ Σᵢ ωᵢ (f(kᵢ) − bᵢ) ∇_z ln p(kᵢ),   p = softmax(z)
 *
 * | kind | kᵢ | ωᵢ | bᵢ |
 * |---|---|---|---|
 * | `enumerate` | 0 … K−1 | p(kᵢ) | 0 |
 * | `reinforce` | n draws from p | 1/n | b |
 * | `rloo` | n draws from p | 1/n | mean of f(kⱼ) over j ≠ i |
 * | `sumAndSample` | the m likeliest; n draws from the rest R | p(kᵢ); p(R)/n | 0 |
 *
 * Both results are means over the rows L. To train what f uses as well, minimise `surrogate + value`. `draws` are Gumbel
 * noise, float32 `[n, L, K]`; or samples of softmax(z), int32 `[n, L]`, for costs that are found outside the step.
 *
 * @param logits - z, float32 `[L, K]`, L of any rank.
 * @param f - from indices, int32 `[n, L]`, to costs of the same shape; called once.
 * @throws ShapeError when logits, draws, noise, baseline or costs have another shape.
 * @throws ValueError when K exceeds `maxEnumerate`, n < 2 for `rloo`, `top` is not in 1 … K, or the kind is unknown.
 * @paper 1810.04777 section 3
 */
export function estimate(logits: tf.Tensor, f: (indices: tf.Tensor) => tf.Tensor, estimator: Estimator): Estimate {
  checkRows("estimate", "logits", logits);
  checkOneOf("estimate", "kind", estimator.kind, ["enumerate", "reinforce", "rloo", "sumAndSample"]);
  return tf.tidy(() => {
    const { indices, omega, baseline } = trials(detach(logits), estimator);
    const costs = f(indices);
    checkShape("costs", costs, indices.shape);
    const score = detach(tf.mul(omega, tf.sub(costs, baseline(costs))));
    const chosen = oneHot(indices, logits.shape.at(-1)!);
    const logprobs = tf.sum(tf.mul(chosen, tf.logSoftmax(logits)), -1);
    return { surrogate: sumThenMean(tf.mul(score, logprobs)), value: sumThenMean(tf.mul(omega, costs)) };
  });
}

function trials(z: tf.Tensor, estimator: Estimator): Trials {
  switch (estimator.kind) {
    case "enumerate":
      return enumerate(z, estimator.maxEnumerate ?? 64);
    case "reinforce":
      return reinforce(z, estimator.draws, estimator.baseline ?? 0);
    case "rloo":
      return leaveOneOut(z, estimator.draws);
    case "sumAndSample":
      return sumAndSample(z, estimator.top, estimator.noise);
  }
}

function enumerate(z: tf.Tensor, maxEnumerate: number): Trials {
  const [rows, K] = rowsAndWidth(z);
  checkInteger("estimate", "K", K, [1, maxEnumerate]);
  const all = tf.reshape(tf.range(0, K, 1, "int32"), [K, ...rows.map(() => 1)]);
  return { indices: tf.tile(all, [1, ...rows]), omega: lastAxisFirst(tf.softmax(z)), baseline: () => 0 };
}

function reinforce(z: tf.Tensor, draws: tf.Tensor, baseline: tf.Tensor | number): Trials {
  if (typeof baseline !== "number") checkFits("estimate", "baseline", baseline, rowsAndWidth(z)[0]);
  const indices = samples(z, draws);
  return { indices, omega: tf.scalar(1 / indices.shape[0]!), baseline: () => baseline };
}

function leaveOneOut(z: tf.Tensor, draws: tf.Tensor): Trials {
  const indices = samples(z, draws);
  const n = indices.shape[0]!;
  checkInteger("estimate", "the number of draws of rloo", n, [2, Number.MAX_SAFE_INTEGER]);
  const othersMean = (costs: tf.Tensor) => tf.div(tf.sub(tf.sum(costs, 0, true), costs), n - 1);
  return { indices, omega: tf.scalar(1 / n), baseline: othersMean };
}

function sumAndSample(z: tf.Tensor, m: number, noise: tf.Tensor): Trials {
  const [rows, K] = rowsAndWidth(z);
  checkInteger("estimate", "top", m, [1, K]);
  checkShape("noise", noise, [noise.shape[0] ?? 1, ...rows, K]);
  const n = noise.shape[0]!;
  const p = tf.softmax(z);
  const top = tf.topk(p, m);
  const inTop = tf.sum(oneHot(top.indices, K), -2); // [L, K]
  const rest = tf.sum(tf.mul(p, tf.sub(1, inTop)), -1); // [L]
  const draws = tf.argMax(tf.add(tf.sub(z, tf.mul(inTop, 1e38)), noise), -1); // [n, L]
  const share = tf.tile(tf.expandDims(tf.div(rest, n), 0), [n, ...rows.map(() => 1)]);
  return {
    indices: tf.concat([lastAxisFirst(top.indices), draws], 0),
    omega: tf.concat([lastAxisFirst(top.values), share], 0),
    baseline: () => 0,
  };
}

/** Samples as they are, or made from Gumbel noise: k = argmaxₖ (z + G)ₖ. */
function samples(z: tf.Tensor, draws: tf.Tensor): tf.Tensor {
  const [rows, K] = rowsAndWidth(z);
  const n = draws.shape[0] ?? 1;
  if (draws.dtype === "int32") {
    checkShape("draws", draws, [n, ...rows]);
    return draws;
  }
  checkShape("draws", draws, [n, ...rows, K]);
  return tf.argMax(tf.add(z, draws), -1);
}

function rowsAndWidth(z: tf.Tensor): readonly [rows: number[], K: number] {
  return [z.shape.slice(0, -1), z.shape.at(-1)!];
}

function lastAxisFirst(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [x.rank - 1, ...Array.from({ length: x.rank - 1 }, (_, axis) => axis)]);
}

/** Sums over the trials, means over the rows. */
function sumThenMean(x: tf.Tensor): tf.Scalar {
  return tf.mean(tf.sum(x, 0));
}

function checkShape(argument: string, tensor: tf.Tensor, shape: readonly number[]): void {
  if (`${tensor.shape}` !== `${shape}`)
    throw new ShapeError(`estimate: ${argument} must have the shape [${shape}], got ${describe(tensor)}`);
}
