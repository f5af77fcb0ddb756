import type { Scalar, Tensor } from "@tensorflow/tfjs-core";

/**
 * A temperature τ: the logits are divided by it.
 *
 * A number must be finite and > 0. A `Scalar` may change from step to step without a new trace, and takes a gradient of
 * its own when it is trained; its value cannot be checked without reading it, so that τ ≤ 0 is the caller's mistake.
 */
export type Temperature = number | Scalar;

/** What `straightThrough` differentiates in place of the argmax. */
export type Surrogate = "softmax" | "identity" | "sparsemax" | "entmax15";

/** Options of every map from logits to weights. */
export interface MapOptions {
  /** τ, default 1. */
  readonly temperature?: Temperature | undefined;
  /** 1 (or true) where an entry may be chosen; broadcastable to the logits. All else has weight and gradient 0. */
  readonly mask?: Tensor | undefined;
}

/** Options of the maps that sort. */
export interface SparseOptions extends MapOptions {
  /** Only the k largest logits of a row compete. Exact, and cheaper, while no support is larger. Default: all. */
  readonly k?: number | undefined;
}

/** How logits become weights, and which gradient comes back; plain data but for a `Scalar` temperature. */
export type Selection =
  | { readonly kind: "soft"; readonly mapping?: "softmax"; readonly temperature?: Temperature }
  | {
      readonly kind: "soft";
      readonly mapping: "sparsemax" | "entmax15";
      readonly temperature?: Temperature;
      readonly k?: number;
    }
  | {
      readonly kind: "soft";
      readonly mapping: "topkSoftmax";
      readonly temperature?: Temperature;
      readonly k: number;
    }
  | { readonly kind: "hard" }
  | { readonly kind: "straightThrough"; readonly backward?: Surrogate; readonly temperature?: Temperature }
  | {
      readonly kind: "gumbel";
      readonly hard?: boolean;
      readonly temperature?: Temperature;
      readonly noiseScale?: number | Scalar;
    }
  | { readonly kind: "sampled"; readonly backward?: "softmax" | "reinmax"; readonly temperature?: Temperature }
  | { readonly kind: "uniform" }
  | { readonly kind: "fixed"; readonly index: number };

/** Options of `select`. */
export interface SelectOptions {
  /** As in `MapOptions`. */
  readonly mask?: Tensor | undefined;
  /** Gumbel noise, broadcastable to the logits; `gumbel` and `sampled` need it while training, the rest ignore it. */
  readonly noise?: Tensor | undefined;
  /** Whether stochastic kinds draw. Default true. */
  readonly training?: boolean | undefined;
}

/** What `select` gives. */
export interface SelectResult {
  /** `[…, K]` float32; each row lies on the simplex, or is 0 where the mask allows nothing. */
  readonly weights: Tensor;
  /** `[…]` int32, the largest weight of each row; the lowest index among ties. */
  readonly indices: Tensor;
}
