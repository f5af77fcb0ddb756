import * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import { traced } from "@x/runtime";
import type { LmConfig } from "./config.js";

/** Where the tokens of one pass stand in the cache, and what they see there. */
export interface Slots {
  /** Row, head and place of each token in `[B, Hkv, S, D]`: `[B · Hkv · T, 3]` int32. */
  readonly places: tf.Tensor2D;
  /** What is added to the scores: 0 where token t may look at place s, that is s ≤ its position, else −1e9; `[B, 1, T, S]`. */
  readonly bias: tf.Tensor4D;
}

/** The slots of tokens at `positions [B, T]`, each below `length`, in a cache of that many places for `heads` heads. */
export function slotsOf(positions: tf.Tensor2D, heads: number, length: number): Slots {
  const [rows, tokens] = positions.shape;
  const spread = (x: tf.Tensor, shape: [number, number, number]) =>
    tf.reshape(tf.broadcastTo(tf.reshape(x, shape), [rows, heads, tokens]), [-1]);
  const count = (n: number) => tf.range(0, n, 1, "int32");
  const hidden = tf.greater(count(length), tf.reshape(positions, [rows, 1, tokens, 1]));
  return {
    places: tf.stack(
      [spread(count(rows), [rows, 1, 1]), spread(count(heads), [1, heads, 1]), spread(positions, [rows, 1, tokens])],
      1,
    ) as tf.Tensor2D,
    bias: tf.mul<tf.Tensor4D>(tf.cast(hidden, "float32"), -1e9),
  };
}

type Layer = { readonly k: tf.Variable<tf.Rank.R4>; readonly v: tf.Variable<tf.Rank.R4> };

/**
 * The keys and values of earlier tokens, each row at its own positions. Places beyond a row's text may hold anything:
 * nobody looks at them before they are written.
 */
export class KvCache {
  readonly rows: number;
  readonly #config: LmConfig;
  #length: number;
  #layers: readonly Layer[];

  /** `rows × length` empty places for every layer; `LanguageModel.openCache` calls this. */
  constructor(config: LmConfig, rows: number, length: number) {
    for (const [argument, value] of Object.entries({ rows, length }))
      if (!Number.isSafeInteger(value) || value < 1)
        throw new ValueError(`openCache: ${argument} must be a positive integer, got ${value}`, { argument, value });
    checkLength("openCache", config, 1, length);
    this.rows = rows;
    this.#config = config;
    this.#length = length;
    const empty = () =>
      tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R4>([rows, config.kvHeads, length, config.headDim]), false));
    this.#layers = Array.from({ length: config.layers }, () => ({ k: empty(), v: empty() }));
  }

  /** Places in a row, in tokens. */
  get length(): number {
    return this.#length;
  }

  /** What a program that reads or writes it depends on. */
  get [traced]() {
    return { rows: this.rows, length: this.#length, layers: this.#layers };
  }

  /**
   * Makes room for `length` tokens in each row; what is there stays.
   *
   * @throws ValueError for fewer than there is room for, or more than `maxPositions`.
   */
  grow(length: number): void {
    checkLength("grow", this.#config, this.#length, length);
    const longer = (held: tf.Variable<tf.Rank.R4>) =>
      tf.tidy(() => {
        const room: [number, number] = [0, length - this.#length];
        return tf.variable(tf.pad<tf.Tensor4D>(held, [[0, 0], [0, 0], room, [0, 0]]), false);
      });
    const layers = this.#layers.map(({ k, v }) => ({ k: longer(k), v: longer(v) }));
    this.dispose();
    this.#layers = layers;
    this.#length = length;
  }

  /**
   * Writes `[R, Hkv, T, D]` to the places 0 … T − 1 of rows.
   *
   * @param rows - `[R]` int32; default all, in their order.
   */
  start(layer: number, k: tf.Tensor4D, v: tf.Tensor4D, rows?: tf.Tensor1D): void {
    const held = this.#layers[layer]!;
    const from = k.shape[2];
    const whole = (old: tf.Tensor4D, x: tf.Tensor4D) => {
      if (rows !== undefined) {
        const padded = tf.pad(x, [
          [0, 0],
          [0, 0],
          [0, this.#length - from],
          [0, 0],
        ]);
        return tf.tensorScatterUpdate(old, tf.expandDims(rows, 1), padded) as tf.Tensor4D;
      }
      return from === this.#length ? x : tf.concat([x, tf.slice(old, [0, 0, from, 0])], 2);
    };
    held.k.assign(whole(held.k, k));
    held.v.assign(whole(held.v, v));
  }

  /** Writes `[B, Hkv, T, D]` to its slots and returns the whole layer, `[B, Hkv, S, D]` each. */
  extend(layer: number, k: tf.Tensor4D, v: tf.Tensor4D, { places }: Slots): { k: tf.Tensor4D; v: tf.Tensor4D } {
    const held = this.#layers[layer]!;
    const written = (old: tf.Tensor4D, x: tf.Tensor4D) =>
      tf.tensorScatterUpdate(old, places, tf.reshape(x, [places.shape[0], -1])) as tf.Tensor4D;
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

function checkLength(caller: string, config: LmConfig, least: number, length: number): void {
  if (!Number.isSafeInteger(length) || length < least)
    throw new ValueError(`${caller}: length must be an integer ≥ ${least}, got ${length}`, {
      argument: "length",
      value: length,
    });
  if (length > config.maxPositions)
    throw new ValueError(`${caller}: length must be at most maxPositions ${config.maxPositions}, got ${length}`, {
      argument: "length",
      value: length,
    });
}
