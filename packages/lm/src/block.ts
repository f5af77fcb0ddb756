import * as tf from "@tensorflow/tfjs-core";
import { nn } from "@x/runtime";
import type { LmConfig } from "./config.js";
import { qkvWidths } from "./parameters.js";

/**
 * Where a vector enters a layer: added to the concatenated attention heads before the output projection, to the
 * normalised input of the MLP, or to the stream before the block.
 */
export type InjectionSite = "attentionHeads" | "mlpInput" | "residual";

/** What the blocks of one forward pass share. The stream is `[N, d]` with N = B · T throughout. */
export interface Pass {
  readonly config: LmConfig;
  /** B. */
  readonly rows: number;
  /** T. */
  readonly length: number;
  /** x·W + b of the named matrix, with the active adapter. */
  project(name: string, x: tf.Tensor2D): tf.Tensor2D;
  /** The named norm over the last axis. */
  norm(name: string, x: tf.Tensor2D): tf.Tensor2D;
  /** The named RMS norm, which queries and keys have in every family. */
  rmsNorm<T extends tf.Tensor>(name: string, x: T): T;
  /** The rotary position embedding of `[B, H, T, D]`; the identity with learned positions. */
  rotate(x: tf.Tensor4D): tf.Tensor4D;
  /** Attention of the pass's queries to their past, through the cache when there is one. */
  attend(layer: number, q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D): tf.Tensor4D;
  /** x plus what the caller injects there. */
  inject(layer: number, site: InjectionSite, x: tf.Tensor2D): tf.Tensor2D;
}

/**
 * One transformer block.
 *
 *   pre:          x ← x + attention(norm(x)),  x ← x + mlp(norm(x))
 *   post-branch:  x ← x + norm(attention(x)),  x ← x + norm(mlp(x))
 *
 * @param x - the stream before the block, `[N, d]`.
 * @returns the stream after it.
 * @paper 1706.03762 §3.1
 * @paper 2501.00656 §2.1
 */
export function block(pass: Pass, layer: number, x: tf.Tensor2D): tf.Tensor2D {
  const at = `blocks.${layer}`;
  const before = (name: string, x: tf.Tensor2D) =>
    pass.config.normPlace === "pre" ? pass.norm(`${at}.${name}`, x) : x;
  const after = (name: string, x: tf.Tensor2D) => (pass.config.normPlace === "pre" ? x : pass.norm(`${at}.${name}`, x));

  const start = pass.inject(layer, "residual", x);
  const middle = tf.add<tf.Tensor2D>(start, after("attnNorm", attention(pass, layer, before("attnNorm", start))));
  const input = pass.inject(layer, "mlpInput", before("mlpNorm", middle));
  return tf.add(middle, after("mlpNorm", mlp(pass, layer, input)));
}

/** softmax(q·kᵀ/√D)·v for H query and K key-value heads, `[N, d]` → `[N, d]`. */
function attention(pass: Pass, layer: number, x: tf.Tensor2D): tf.Tensor2D {
  const { config, rows, length } = pass;
  const { heads, kvHeads, headDim, clipQkv, qkNorm } = config;
  const at = `blocks.${layer}`;

  let qkv = pass.project(`${at}.qkv`, x); // [N, (H + 2K) · D]
  if (clipQkv !== null) qkv = tf.clipByValue(qkv, -clipQkv, clipQkv);
  if (qkNorm === "full") {
    const [q, k, v] = tf.split(qkv, qkvWidths(config), 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    qkv = tf.concat([pass.rmsNorm(`${at}.qNorm`, q), pass.rmsNorm(`${at}.kNorm`, k), v], 1);
  }
  const all = nn.splitHeads(tf.reshape(qkv, [rows, length, -1]), heads + 2 * kvHeads); // [B, H + 2K, T, D]
  let [q, k, v] = tf.split(all, [heads, kvHeads, kvHeads], 1) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  if (qkNorm === "head") {
    q = pass.rmsNorm(`${at}.qNorm`, q);
    k = pass.rmsNorm(`${at}.kNorm`, k);
  }
  const mixed = nn.mergeHeads(pass.attend(layer, pass.rotate(q), pass.rotate(k), v)); // [B, T, H · D]
  const flat = tf.reshape(mixed, [rows * length, heads * headDim]) as tf.Tensor2D;
  return pass.project(`${at}.o`, pass.inject(layer, "attentionHeads", flat));
}

/** down(gelu(up(x))), or gated: down(silu(gate(x)) ∘ up(x)); `[N, d]` → `[N, d]`. */
function mlp(pass: Pass, layer: number, x: tf.Tensor2D): tf.Tensor2D {
  const at = `blocks.${layer}`;
  const { activation } = pass.config;
  const up = pass.project(`${at}.up`, x);
  if (activation === "silu-gated") return pass.project(`${at}.down`, nn.swiglu(pass.project(`${at}.gate`, x), up));
  return pass.project(`${at}.down`, nn.gelu(up, activation === "gelu-tanh" ? "tanh" : "erf"));
}
