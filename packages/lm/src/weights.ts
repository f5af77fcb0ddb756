import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensors } from "@x/runtime";
import type { LmConfig } from "./config.js";
import { parameters, qkvWidths } from "./parameters.js";

/** Where a tensor of a weight file belongs. */
export interface WeightPlace {
  /** Its name in the file. */
  readonly file: string;
  /** Its shape in the file. */
  readonly shape: readonly number[];
  /** The variable that it is, or is a part of. */
  readonly variable: string;
  /** Whether the file holds it as `[out, in]`; ours are `[in, out]`. */
  readonly transposed: boolean;
  /** The part of the variable's last axis that it fills; absent when it is the whole. */
  readonly columns?: readonly [from: number, to: number];
}

const gpt2Names: Readonly<Record<string, string>> = {
  embed: "wte",
  pos: "wpe",
  attnNorm: "ln_1",
  qkv: "attn.c_attn",
  o: "attn.c_proj",
  mlpNorm: "ln_2",
  up: "mlp.c_fc",
  down: "mlp.c_proj",
  norm: "ln_f",
};
const llamaNames: Readonly<Record<string, string>> = {
  embed: "embed_tokens",
  attnNorm: "input_layernorm",
  q: "self_attn.q_proj",
  k: "self_attn.k_proj",
  v: "self_attn.v_proj",
  qNorm: "self_attn.q_norm",
  kNorm: "self_attn.k_norm",
  o: "self_attn.o_proj",
  mlpNorm: "post_attention_layernorm",
  gate: "mlp.gate_proj",
  up: "mlp.up_proj",
  down: "mlp.down_proj",
  norm: "norm",
};
// The same name is the norm before the MLP in Llama and the norm after attention in OLMo 2.
const olmo2Names: Readonly<Record<string, string>> = {
  ...llamaNames,
  attnNorm: "post_attention_layernorm",
  mlpNorm: "post_feedforward_layernorm",
};

/** Every tensor that a file of the published format holds for this config, in the order of the forward pass. */
export function weightPlaces(config: LmConfig): readonly WeightPlace[] {
  return [...parameters(config)].flatMap(([variable, { shape }]) => placesOf(config, variable, shape));
}

function placesOf(config: LmConfig, variable: string, shape: readonly number[]): WeightPlace[] {
  if (variable === "head") return [{ file: "lm_head.weight", shape: [...shape].reverse(), variable, transposed: true }];
  const whole = /^(?:blocks\.(?<layer>\d+)\.)?(?<part>\w+?)(?:\.(?<kind>[wb]))?$/.exec(variable)!.groups!;
  const { layer, part, kind } = whole;
  const isGpt2 = config.family === "gpt2";
  const names = isGpt2 ? gpt2Names : config.family === "olmo2" ? olmo2Names : llamaNames;
  const at = (isGpt2 ? "transformer." : "model.") + (layer === undefined ? "" : `${isGpt2 ? "h" : "layers"}.${layer}.`);
  const fileOf = (name: string) => `${at}${names[name]}.${kind === "b" ? "bias" : "weight"}`;
  const transposed = !isGpt2 && layer !== undefined && shape.length === 2;
  const inFile = (width: number) =>
    shape.length === 1 ? [width] : transposed ? [width, shape[0]!] : [shape[0]!, width];

  if (part !== "qkv" || isGpt2) return [{ file: fileOf(part!), shape: inFile(shape.at(-1)!), variable, transposed }];
  let from = 0;
  return qkvWidths(config).map((width, i) => {
    const columns = [from, from + width] as const;
    from += width;
    return { file: fileOf("qkv"[i]!), shape: inFile(width), variable, transposed, columns };
  });
}

/** A name without the prefix that base models leave out: both spellings of a file are read. */
export const bareName = (name: string): string => name.replace(/^(transformer|model)\./, "");

/** Entries of published files that are no parameters: masks and frequencies that are computed, and a tied head. */
export function isSurplus(name: string, config: LmConfig): boolean {
  return /\.attn\.(masked_)?bias$|rotary_emb\.inv_freq$/.test(name) || (config.tie && name === "lm_head.weight");
}

/** A variable, put together from the tensors of the file in the order of their places. The caller disposes it. */
export function fromFile(parts: readonly { readonly place: WeightPlace; readonly data: Float32Array }[]): tf.Tensor {
  return tf.tidy(() => {
    const pieces = parts.map(({ place, data }) => {
      const piece = tf.tensor(data, [...place.shape]);
      return place.transposed ? tf.transpose(piece) : piece;
    });
    return tf.concat(pieces, -1);
  });
}

/**
 * Our tensors under the names and in the layout of the file: the weights themselves, or their gradients.
 *
 * @param values - by the names of `parameters`.
 */
export function* toFile(
  config: LmConfig,
  values: NamedTensors,
): Generator<{ name: string; shape: number[]; data: Float32Array }> {
  for (const { file, shape, variable, transposed, columns } of weightPlaces(config)) {
    const tensor = tf.tidy(() => {
      const value = values.get(variable)!;
      const part =
        columns === undefined
          ? value
          : tf.slice(
              value,
              [...value.shape.slice(0, -1).map(() => 0), columns[0]],
              [...value.shape.slice(0, -1), columns[1] - columns[0]],
            );
      return transposed ? tf.transpose(part) : tf.clone(part);
    });
    try {
      yield { name: file, shape: [...shape], data: tensor.dataSync<"float32">() };
    } finally {
      tensor.dispose();
    }
  }
}
