import type { LmConfig } from "./config.js";

/** One trainable array of a model. */
export interface Parameter {
  readonly shape: readonly number[];
  /** `normal` N(0, 0.02²); `residual` the same divided by √(2 · layers), for matrices that write to the stream. */
  readonly init: "normal" | "residual" | "ones" | "zeros";
}

/** The widths of the three parts of the fused projection `qkv`. */
export function qkvWidths(config: LmConfig): [q: number, k: number, v: number] {
  const { heads, kvHeads, headDim } = config;
  return [heads * headDim, kvHeads * headDim, kvHeads * headDim];
}

/**
 * Every parameter of the model by name, in the order of the forward pass.
 *
 * `embed [V, d]`, `pos [P, d]`, for each layer `blocks.{i}.` `attnNorm qkv qNorm kNorm o mlpNorm gate up down`, then
 * `norm` and `head [d, V]`; a matrix ends in `.w` (`[in, out]`; of a norm its gain), a bias in `.b`. Queries, keys and
 * values are one matrix, in this order, so that a layer takes one product for the three.
 */
export function parameters(config: LmConfig): ReadonlyMap<string, Parameter> {
  const { vocabSize, hidden, heads, headDim, ffn, bias } = config;
  const all = new Map<string, Parameter>();
  const matrix = (name: string, from: number, to: number, hasBias: boolean, init: "normal" | "residual" = "normal") => {
    all.set(`${name}.w`, { shape: [from, to], init });
    if (hasBias) all.set(`${name}.b`, { shape: [to], init: "zeros" });
  };
  const norm = (name: string, width: number, kind = config.norm) => {
    if (kind !== "layer-noaffine") all.set(`${name}.w`, { shape: [width], init: "ones" });
    if (kind === "layer") all.set(`${name}.b`, { shape: [width], init: "zeros" });
  };

  const [q, k, v] = qkvWidths(config);
  all.set("embed", { shape: [vocabSize, hidden], init: "normal" });
  if (config.rope === null) all.set("pos", { shape: [config.maxPositions, hidden], init: "normal" });
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `blocks.${layer}`;
    norm(`${at}.attnNorm`, hidden);
    matrix(`${at}.qkv`, hidden, q + k + v, bias.qkv);
    if (config.qkNorm !== "none") {
      norm(`${at}.qNorm`, config.qkNorm === "full" ? q : headDim, "rms");
      norm(`${at}.kNorm`, config.qkNorm === "full" ? k : headDim, "rms");
    }
    matrix(`${at}.o`, heads * headDim, hidden, bias.out, "residual");
    norm(`${at}.mlpNorm`, hidden);
    if (config.activation === "silu-gated") matrix(`${at}.gate`, hidden, ffn, bias.mlp);
    matrix(`${at}.up`, hidden, ffn, bias.mlp);
    matrix(`${at}.down`, ffn, hidden, bias.mlp, "residual");
  }
  norm("norm", hidden);
  if (!config.tie) all.set("head", { shape: [hidden, vocabSize], init: "normal" });
  return all;
}
