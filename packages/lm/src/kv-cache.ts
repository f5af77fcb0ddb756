import * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import type { LmConfig } from "./config.js";

/** Where the tokens of one pass stand in the cache, and what they see there. */
export interface Slots {
  /** 1 where token t goes to place s: `[B, 1, S, T]`. */
  readonly write: tf.Tensor4D;
  /** 0 at the places that are written, else 1: `[B, 1, S, 1]`. */
  readonly keep: tf.Tensor4D;
  /** 1 where token t may look at place s, that is s ≤ its position: `[B, 1, T, S]`. */
  readonly visible: tf.Tensor4D;
}

/**
 * The slots of tokens at `positions [B, T]` in a cache of `length` places. A position outside the cache, such as −1, is
 * written nowhere; one below 0 sees nothing.
 */
export function slotsOf(positions: tf.Tensor2D, length: number): Slots {
  const [rows, tokens] = positions.shape;
  const places = tf.range(0, length, 1, "int32");
  const sameAs = tf.equal(tf.reshape(places, [length, 1]), tf.reshape(positions, [rows, 1, 1, tokens]));
  const write = tf.cast(sameAs, "float32") as tf.Tensor4D; // [B, 1, S, T]
  const visible = tf.lessEqual(places, tf.reshape(positions, [rows, 1, tokens, 1]));
  return {
    write,
    keep: tf.sub<tf.Tensor4D>(1, tf.sum(write, 3, true)),
    visible: tf.cast(visible, "float32") as tf.Tensor4D,
  };
}

/**
 * The keys and values of earlier tokens, each row at its own positions. Places beyond a row's text may hold anything:
 * nobody looks at them before they are written.
 */
export class KvCache {
  readonly rows: number;
  /** Places in a row, in tokens. */
  readonly length: number;
  readonly #layers: readonly { readonly k: tf.Variable<tf.Rank.R4>; readonly v: tf.Variable<tf.Rank.R4> }[];

  /** `rows × length` empty places for every layer; `LanguageModel.openCache` calls this. */
  constructor(config: LmConfig, rows: number, length: number) {
    for (const [argument, value] of Object.entries({ rows, length }))
      if (!Number.isSafeInteger(value) || value < 1)
        throw new ValueError(`openCache: ${argument} must be a positive integer, got ${value}`, { argument, value });
    if (length > config.maxPositions)
      throw new ValueError(`openCache: length must be at most maxPositions ${config.maxPositions}, got ${length}`, {
        argument: "length",
        value: length,
      });
    this.rows = rows;
    this.length = length;
    const empty = () =>
      tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R4>([rows, config.kvHeads, length, config.headDim]), false));
    this.#layers = Array.from({ length: config.layers }, () => ({ k: empty(), v: empty() }));
  }

  /** Writes `[B, Hkv, T, D]` to the places 0 … T − 1 of every row. */
  start(layer: number, k: tf.Tensor4D, v: tf.Tensor4D): void {
    const held = this.#layers[layer]!;
    const from = k.shape[2];
    const head = (old: tf.Tensor4D, x: tf.Tensor4D) =>
      from === this.length ? x : tf.concat([x, tf.slice(old, [0, 0, from, 0])], 2);
    held.k.assign(head(held.k, k));
    held.v.assign(head(held.v, v));
  }

  /** Writes `[B, Hkv, T, D]` to its slots and returns the whole layer, `[B, Hkv, S, D]` each. */
  extend(layer: number, k: tf.Tensor4D, v: tf.Tensor4D, slots: Slots): { k: tf.Tensor4D; v: tf.Tensor4D } {
    const held = this.#layers[layer]!;
    const written = (old: tf.Tensor4D, x: tf.Tensor4D): tf.Tensor4D =>
      tf.add(tf.mul(old, slots.keep), placed(x, slots.write));
    const next = { k: written(held.k, k), v: written(held.v, v) };
    held.k.assign(next.k);
    held.v.assign(next.v);
    return next;
  }

  /** Frees the keys and values. */
  dispose(): void {
    for (const { k, v } of this.#layers) {
      k.dispose();
      v.dispose();
    }
  }
}

/** write · x: the tokens `[B, Hkv, T, D]` at their places, zero elsewhere, `[B, Hkv, S, D]`. */
function placed(x: tf.Tensor4D, write: tf.Tensor4D): tf.Tensor4D {
  // A product of batches [B, 1] and [B, Hkv] pairs them wrongly in tfjs, so several tokens need the tiled form.
  return x.shape[2] === 1 ? tf.mul(write, x) : tf.matMul(tf.tile(write, [1, x.shape[1], 1, 1]), x);
}
