import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { checkFits, checkName, checkNumber, checkRows, describe, wholeIn } from "./checks.js";
import { detached } from "./custom-gradient.js";
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
 * @paper 1810.04777 sum over the top categories
 */
export function estimate(logits: tf.Tensor, f: (indices: tf.Tensor) => tf.Tensor, estimator: Estimator): Estimate {
  checkRows("estimate", "logits", logits);
  checkName("estimate", "kind", estimator.kind, ["enumerate", "reinforce", "rloo", "sumAndSample"]);
  return tf.tidy(() => {
    const z = detached(() => tf.clone(logits));
    const { indices, omega, baseline } = trials(z, estimator);
    const costs = f(indices);
    if (`${costs.shape}` !== `${indices.shape}`)
      throw new ShapeError(
        `estimate: costs must have the shape of the indices, [${indices.shape}], got ${describe(costs)}`,
      );
    const score = detached(() => tf.mul(omega, tf.sub(costs, baseline(costs))));
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
  checkNumber("estimate", "K", K, wholeIn(1, maxEnumerate));
  const all = tf.reshape(tf.range(0, K, 1, "int32"), [K, ...rows.map(() => 1)]);
  return { indices: tf.tile(all, [1, ...rows]), omega: lastAxisFirst(tf.softmax(z)), baseline: () => 0 };
}

function reinforce(z: tf.Tensor, draws: tf.Tensor, baseline: tf.Tensor | number): Trials {
  if (typeof baseline !== "number") checkFits("estimate", "baseline", baseline, rowsAndWidth(z)[0]);
  const { indices, n } = samples(z, draws);
  return { indices, omega: tf.scalar(1 / n), baseline: () => baseline };
}

function leaveOneOut(z: tf.Tensor, draws: tf.Tensor): Trials {
  const { indices, n } = samples(z, draws);
  if (n < 2)
    throw new ValueError(`estimate: rloo must have at least 2 draws, got ${n}`, { argument: "draws", value: n });
  const othersMean = (costs: tf.Tensor) => tf.div(tf.sub(tf.sum(costs, 0, true), costs), n - 1);
  return { indices, omega: tf.scalar(1 / n), baseline: othersMean };
}

function sumAndSample(z: tf.Tensor, m: number, noise: tf.Tensor): Trials {
  const [rows, K] = rowsAndWidth(z);
  checkNumber("estimate", "top", m, wholeIn(1, K));
  const n = countOf("noise", noise, [...rows, K]);
  const p = tf.softmax(z);
  const top = tf.topk(p, m); // [L, m]
  const inTop = tf.sum(oneHot(top.indices, K), -2); // [L, K]
  const rest = tf.sum(tf.mul(p, tf.sub(1, inTop)), -1, true); // p(R), [L, 1]
  const draws = tf.argMax(tf.add(tf.sub(z, tf.mul(inTop, 1e38)), noise), -1); // [n, L]
  const omega = tf.concat([top.values, tf.tile(tf.div(rest, n), [...rows.map(() => 1), n])], -1); // [L, m + n]
  return {
    indices: tf.concat([lastAxisFirst(top.indices), draws], 0),
    omega: lastAxisFirst(omega),
    baseline: () => 0,
  };
}

/** Samples as they are, or made from Gumbel noise: k = argmaxₖ (z + G)ₖ. */
function samples(z: tf.Tensor, draws: tf.Tensor): { indices: tf.Tensor; n: number } {
  const [rows, K] = rowsAndWidth(z);
  if (draws.dtype === "int32") return { indices: draws, n: countOf("draws", draws, rows) };
  return { n: countOf("draws", draws, [...rows, K]), indices: tf.argMax(tf.add(z, draws), -1) };
}

/** The n of a tensor `[n, …rest]`. */
function countOf(argument: string, tensor: tf.Tensor, rest: readonly number[]): number {
  const [n = 0, ...found] = tensor.shape;
  if (n < 1 || `${found}` !== `${rest}`)
    throw new ShapeError(`estimate: ${argument} must be [${["n", ...rest]}] with n ≥ 1, got ${describe(tensor)}`);
  return n;
}

function rowsAndWidth(z: tf.Tensor): readonly [rows: number[], K: number] {
  return [z.shape.slice(0, -1), z.shape.at(-1)!];
}

function lastAxisFirst(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [x.rank - 1, ...x.shape.slice(0, -1).keys()]);
}

/** Sums over the trials, means over the rows. */
function sumThenMean(x: tf.Tensor): tf.Scalar {
  return tf.mean(tf.sum(x, 0));
}
