import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { globalNorm } from "./clip.js";
import { heldVariables } from "./held-variables.js";
import { balanced, lanes, parallel } from "./parallel.js";
import { sumOfSquares } from "./sum-of-squares.js";
import type { Loss } from "./train-step.js";
import type { NamedTensors } from "./variables.js";

/** What one part of a batch gives. */
export interface Part {
  readonly grads: NamedTensors;
  /** The loss and the metrics, `[1 + metrics]`. */
  readonly numbers: tf.Tensor;
  /** Of what they are means; a scalar. */
  readonly weight: tf.Tensor;
  /** The names of the metrics. */
  readonly metricNames: readonly string[];
}

/**
 * The rows of a batch in equal parts, scalars in each; the whole batch when its loss does not say its weight.
 *
 * @param wanted - how many; default: the largest divisor of the rows up to the number of lanes.
 * @throws ShapeError when `wanted` does not divide the rows.
 */
export function shardsOf<B extends Record<string, tf.Tensor>>(
  batch: B,
  wanted: number | undefined,
  loss: (batch: B) => Loss,
): readonly B[] {
  const most = wanted ?? lanes();
  const rows = [...new Set(Object.values(batch).flatMap(({ shape }) => shape.slice(0, 1)))];
  if (most === 1 || rows.length !== 1 || !isWeighted(batch, loss)) return [batch];
  const [count] = rows as [number];
  let shards = Math.min(most, count);
  while (count % shards !== 0) shards--;
  if (wanted !== undefined && shards !== wanted)
    throw new ShapeError(`trainStep: shards must divide the ${count} rows of the batch, got ${wanted}`);
  const split = Object.entries(batch).map(([name, tensor]) => {
    const parts = tensor.rank === 0 ? Array<tf.Tensor>(shards).fill(tensor) : tf.split(tensor, shards);
    return [name, parts] as const;
  });
  return Array.from(
    { length: shards },
    (_, shard) => Object.fromEntries(split.map(([name, parts]) => [name, parts[shard]!])) as B,
  );
}

/** Runs the loss, and takes back what it assigns. */
function isWeighted<B>(batch: B, loss: (batch: B) => Loss): boolean {
  let weighted = false;
  tf.tidy(() => {
    const held = heldVariables();
    const result = loss(batch);
    weighted = !(result instanceof tf.Tensor) && result.weight !== undefined;
    held.restoreAllBut([]);
  });
  return weighted;
}

/**
 * The gradient and the numbers of all parts together, and the gradient's length.
 *
 *   x = Σ wₛ xₛ / Σ wₛ
 *
 * A part without weight counts nothing, whatever it has computed; where all are without, the numbers are NaN.
 */
export function mergeParts(parts: readonly Part[]): {
  readonly grads: NamedTensors;
  readonly numbers: tf.Tensor;
  readonly norm: tf.Scalar;
  readonly metricNames: readonly string[];
} {
  const [first] = parts as [Part];
  if (parts.length === 1) return { ...first, norm: globalNorm(first.grads) };
  const total = tf.addN(parts.map(({ weight }) => weight));
  const shares = parts.map(({ weight }) => tf.div(weight, total));
  const mean = (of: (part: Part) => tf.Tensor) =>
    tf.addN(parts.map((part, s) => tf.mul(tf.where(tf.equal(part.weight, 0), 0, of(part)), shares[s]!)));

  const names = balanced([...first.grads.keys()], lanes(), (name) => first.grads.get(name)!.size);
  const merged = parallel(
    names.map((part) => () => {
      const grads = new Map(part.map((name) => [name, mean(({ grads }) => grads.get(name)!)] as const));
      return { grads, squares: sumOfSquares([...grads.values()]) };
    }),
  );
  return {
    grads: new Map(merged.flatMap(({ grads }) => [...grads])),
    numbers: mean(({ numbers }) => numbers),
    metricNames: first.metricNames,
    norm: tf.sqrt(tf.addN(merged.map(({ squares }) => squares))),
  };
}
