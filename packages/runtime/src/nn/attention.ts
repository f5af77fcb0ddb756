import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { currentRecorder } from "../graph/record.js";
import { ownKernel } from "../own-kernel.js";
import { transposedProduct } from "./transposed-product.js";
import { refuseEmpty, withGradient } from "./with-gradient.js";

/** What decides who attends to whom. */
export interface AttentionOptions {
  /** Query i of T attends to the keys up to i + S − T, so the last query to all. Default false. */
  readonly causal?: boolean | undefined;
  /** 1 (or true) where attending is allowed, broadcastable to `[B, H, T, S]`; has no gradient. */
  readonly mask?: tf.Tensor | undefined;
  /** Added to the scores, broadcastable to `[B, H, T, S]`; has a gradient. */
  readonly bias?: tf.Tensor | undefined;
}

/** Far enough below any score that its exponential is 0, and finite, so that a row of it alone is not NaN. */
const masked = -1e9;

/**
 * Scaled dot-product attention with grouped key-value heads.
 *
 *   s = q·kᵀ/√D + bias,  p = softmax(s where allowed),  y = p·v
 *   dv = pᵀ·dy,  ds = p ∘ (dy·vᵀ − Σ_D dy∘y),  dq = ds·k/√D,  dk = dsᵀ·q/√D,  dbias = ds
 *
 * A row with nothing to attend to gives zeros. Query head h reads key-value head ⌊h·Hkv/H⌋.
 *
 * @param q - `[B, H, T, D]`.
 * @param k - `[B, Hkv, S, D]`, Hkv divides H.
 * @param v - `[B, Hkv, S, D]`.
 * @returns `[B, H, T, D]`.
 * @throws ShapeError when the shapes do not fit.
 * @paper 1706.03762 eq. 1
 */
export function attention(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, options: AttentionOptions = {}): tf.Tensor4D {
  const [batch, heads, queries, depth] = q.shape as [number, number, number, number];
  const groups = k.shape[1]!;
  const fits = q.rank === 4 && k.rank === 4 && k.shape[0] === batch && k.shape[3] === depth && heads % groups === 0;
  if (!fits || !tf.util.arraysEqual(k.shape, v.shape)) {
    throw new ShapeError(
      `attention: q [B, H, T, D], k and v [B, Hkv, S, D] must fit, got [${q.shape}], [${k.shape}], [${v.shape}]`,
    );
  }
  refuseEmpty("attention", q, k);
  const scoreShape = [batch, heads, queries, k.shape[2]!];
  checkBroadcast("mask", options.mask, scoreShape);
  checkBroadcast("bias", options.bias, scoreShape);
  const blocks = blocksOf(queries, k.shape[2]!, options);
  if (blocks > 1) return inBlocks(blocks, q, k, v);
  const scale = 1 / Math.sqrt(depth);
  // The query heads of one key-value head lie side by side: [B, H, T, ·] = [B, Hkv, H/Hkv·T, ·].
  const grouped = (x: tf.Tensor) => (groups === heads ? x : tf.reshape(x, [batch, groups, -1, x.shape[3]!]));
  const spread = (x: tf.Tensor) => (groups === heads ? x : tf.reshape(x, [batch, heads, queries, x.shape[3]!]));

  return withGradient<tf.Tensor4D, tf.Tensor[]>(
    [q, k, v, ...(options.bias === undefined ? [] : [options.bias])],
    () => {
      const scaled = grouped(tf.mul(q, scale));
      const scores = spread(tf.matMul(scaled, k, false, true));
      const p = grouped(probabilities(scores, options));
      const y = spread(tf.matMul(p, v)) as tf.Tensor4D;
      return { value: y, saved: [scaled, k, v, p, y] };
    },
    (dy, [scaled, k, v, p, y]) => {
      const gradient = grouped(dy);
      const dv = transposedProduct(p!, gradient);
      const dp = tf.matMul(gradient, v!, false, true);
      const inner = () => grouped(tf.sum(tf.mul(dy, y!), -1, true));
      const ds = ownKernel("SoftmaxGrad", { dy: dp, y: p })?.[0] ?? tf.mul(tf.sub(dp, inner()), p!);
      const dq = spread(tf.mul(tf.matMul(ds, k!), scale));
      const dk = transposedProduct(ds, scaled!);
      return [dq, dk, dv, ...(options.bias === undefined ? [] : [sumTo(spread(ds), options.bias.shape)])];
    },
  );
}

/** In how many blocks of queries a causal attention is computed in a program: of a long one half is for nothing. */
function blocksOf(queries: number, keys: number, { causal, mask, bias }: AttentionOptions): number {
  const isPlain = causal === true && mask === undefined && bias === undefined && queries === keys;
  if (!isPlain || currentRecorder() === undefined) return 1;
  return [4, 2].find((blocks) => queries % blocks === 0 && queries / blocks >= 64) ?? 1;
}

/** Causal attention of each block of queries to the keys up to its end. */
function inBlocks(blocks: number, q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor4D {
  const length = q.shape[2]! / blocks;
  const part = (x: tf.Tensor, from: number, to: number) =>
    tf.slice(x, [0, 0, from, 0], [x.shape[0]!, x.shape[1]!, to - from, x.shape[3]!]);
  const parts = Array.from({ length: blocks }, (_, i) => {
    const end = (i + 1) * length;
    return attention(part(q, end - length, end), part(k, 0, end), part(v, 0, end), { causal: true });
  });
  return tf.concat(parts, 2);
}

/** softmax of the scores `[B, H, T, S]` over the allowed keys; zeros where none is allowed. */
function probabilities(scores: tf.Tensor, { causal, mask, bias }: AttentionOptions): tf.Tensor {
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  const biased = bias === undefined ? scores : tf.add(scores, bias);
  if (causal && mask === undefined) {
    const own = ownKernel("CausalSoftmax", { scores: biased });
    if (own) return own[0]!;
  }
  let allowed = mask === undefined ? undefined : tf.cast(mask, "float32");
  if (causal) {
    const past = lowerTriangle(queries, keys);
    allowed = allowed === undefined ? past : tf.mul(allowed, past);
  }
  if (allowed === undefined) return tf.softmax(biased);
  const p = tf.softmax(tf.add(biased, tf.mul(tf.sub(1, allowed), masked)));
  // With keys for every query a causal row is never empty.
  return mask === undefined && keys >= queries ? p : tf.mul(p, tf.max(allowed, -1, true));
}

/** `[T, S]`: 1 where key ≤ query + S − T. */
function lowerTriangle(queries: number, keys: number): tf.Tensor {
  const last = tf.reshape(tf.range(keys - queries, keys, 1, "float32"), [queries, 1]);
  return tf.cast(tf.lessEqual(tf.range(0, keys, 1, "float32"), last), "float32");
}

function checkBroadcast(name: string, x: tf.Tensor | undefined, shape: readonly number[]): void {
  if (x === undefined) return;
  const last = shape.slice(shape.length - x.rank);
  if (x.rank > shape.length || !x.shape.every((size, axis) => size === 1 || size === last[axis]))
    throw new ShapeError(`attention: ${name} must broadcast to [${shape}], got [${x.shape}]`);
}

/** The gradient of broadcasting `shape` to the shape of `x`. */
function sumTo(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const padded = [...Array<number>(x.rank - shape.length).fill(1), ...shape];
  const axes = padded.flatMap((size, axis) => (size === 1 && x.shape[axis] !== 1 ? [axis] : []));
  return tf.reshape(axes.length === 0 ? x : tf.sum(x, axes), [...shape]);
}
