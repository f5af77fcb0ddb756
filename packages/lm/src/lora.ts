import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, type Rng, StateError, ValueError } from "@x/core";
import type { NamedVariables } from "@x/runtime";
import type { LanguageModel } from "./model.js";
import { parameters, qkvWidths } from "./parameters.js";

/** Matrices that an adapter can change. gpt2 keeps q, k and v as one, `qkv`; the other families keep them apart. */
export type LoraTarget = "q" | "k" | "v" | "qkv" | "o" | "gate" | "up" | "down";

/** Options of `attachLora`. */
export interface LoraOptions {
  /** Decides the start of A. */
  readonly seed: number | string;
  /** Default `"default"`. */
  readonly name?: string;
  /** r, default 8. */
  readonly rank?: number;
  /** α, default r: the change is scaled by α / r. */
  readonly alpha?: number;
  /** Default `["qkv"]` for gpt2, else `["q", "v"]`. */
  readonly targets?: readonly LoraTarget[];
}

/** A low-rank change of a model's matrices, with variables of its own. */
export interface Lora {
  readonly model: LanguageModel;
  readonly name: string;
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly LoraTarget[];
  /** `blocks.{i}.{target}.a [in, r]` and `.b [r, out]`. */
  readonly variables: NamedVariables;
  /**
   * Adds the change to the model's own matrices and takes the adapter off: the same function, without its cost.
   *
   * @throws StateError unless it is attached.
   */
  merge(): void;
  /**
   * Subtracts it again (up to rounding) and makes the adapter the active one.
   *
   * @throws StateError unless it is merged.
   * @throws ConfigError when another adapter has its name by now.
   */
  unmerge(): void;
  /** Takes the adapter off and frees its variables; a merged change stays in the model. */
  dispose(): void;
}

/** A part of the columns of a matrix: one target, or columns that keep their values. */
interface Part {
  /** `blocks.{i}`. */
  readonly at: string;
  readonly target: LoraTarget;
  readonly inputs: number;
  readonly width: number;
  readonly a?: tf.Variable<tf.Rank.R2>;
  readonly b?: tf.Variable<tf.Rank.R2>;
}

/**
 * Adds a low-rank adapter to a model and makes it the active one.
 *
 *   y = x·W + (α/r) · x·A·B,  A ~ U(−1/√in, 1/√in), B = 0 at the start
 *
 * To train the adapter alone give `trainStep` only its variables. `model.withAdapter(null, …)` is the model without it.
 *
 * @throws ConfigError for a target that the family has not, or a name that is taken.
 * @throws ValueError for a rank that is no positive integer, an alpha that is not positive, or no targets.
 * @paper 2106.09685 eq. 3
 */
export function attachLora(model: LanguageModel, options: LoraOptions): Lora {
  const { seed, name = "default", rank = 8, alpha = rank } = options;
  const { targets = model.config.family === "gpt2" ? (["qkv"] as const) : (["q", "v"] as const) } = options;
  if (!Number.isSafeInteger(rank) || rank < 1)
    throw new ValueError(`attachLora: rank must be a positive integer, got ${rank}`, { argument: "rank", value: rank });
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY))
    throw new ValueError(`attachLora: alpha must be positive, got ${alpha}`, { argument: "alpha", value: alpha });
  const known = loraTargets(model);
  const unknown = targets.filter((target) => !known.includes(target));
  if (unknown.length > 0)
    throw new ConfigError(`attachLora: targets of ${model.config.family} must be among ${known}, got ${unknown}`);
  if (targets.length === 0)
    throw new ValueError("attachLora: targets must not be empty", { argument: "targets", value: targets });

  const scale = alpha / rank;
  const rng = createRng(seed);
  const variables = new Map<string, tf.Variable<tf.Rank.R2>>();
  const matrices = new Map<string, readonly Part[]>();
  const adapter = (matrix: string, x: tf.Tensor2D): tf.Tensor2D | null => {
    const parts = matrices.get(matrix);
    return parts === undefined ? null : change(parts, x.shape[0], (a) => tf.mul(tf.matMul(x, a), scale));
  };
  const addToModel = (sign: 1 | -1) => {
    for (const [matrix, parts] of matrices)
      tf.tidy(() => {
        const w = model.variables.get(`${matrix}.w`)!;
        const product = change(parts, w.shape[0]!, (a) => tf.mul(a, sign * scale));
        w.assign(tf.add(w, product));
      });
  };
  let state: "attached" | "merged" | "disposed" = "attached";
  const checkState = (caller: string, needed: typeof state) => {
    if (state !== needed) throw new StateError(`${caller}: the adapter must be ${needed}, got one that is ${state}`);
  };

  model.attach(name, adapter);
  for (const [matrix, parts] of partsOf(model)) {
    if (!parts.some(({ target }) => targets.includes(target))) continue;
    matrices.set(
      matrix,
      parts.map((part) => (targets.includes(part.target) ? withFactors(part, rank, rng, variables) : part)),
    );
  }
  return {
    model,
    name,
    rank,
    alpha,
    targets: known.filter((target) => targets.includes(target)),
    variables,
    merge() {
      checkState("merge", "attached");
      addToModel(1);
      model.detach(name, adapter);
      state = "merged";
    },
    unmerge() {
      checkState("unmerge", "merged");
      model.attach(name, adapter);
      addToModel(-1);
      state = "attached";
    },
    dispose() {
      if (state === "disposed") return;
      state = "disposed";
      model.detach(name, adapter);
      for (const variable of variables.values()) variable.dispose();
    },
  };
}

/** Every matrix of the model that can be adapted, in parts side by side. */
function* partsOf(model: LanguageModel): Generator<[matrix: string, parts: readonly Part[]]> {
  const all = parameters(model.config);
  for (let layer = 0; layer < model.layers; layer++)
    for (const matrix of ["qkv", "o", "gate", "up", "down"] as const) {
      const at = `blocks.${layer}`;
      const shape = all.get(`${at}.${matrix}.w`)?.shape;
      if (shape === undefined) continue;
      const [inputs, width] = shape as [number, number];
      const apart = matrix === "qkv" && loraTargets(model).includes("q");
      const widths = apart ? qkvWidths(model.config) : [width];
      const targets = apart ? (["q", "k", "v"] as const) : [matrix];
      yield [`${at}.${matrix}`, targets.map((target, i) => ({ at, target, inputs, width: widths[i]! }))];
    }
}

/** The part with A and B, which are also put among the variables. */
function withFactors(part: Part, rank: number, rng: Rng, variables: Map<string, tf.Variable<tf.Rank.R2>>): Part {
  const { target, inputs, width } = part;
  const name = `${part.at}.${target}`;
  const draw = rng.split(name);
  const bound = 1 / Math.sqrt(inputs);
  const start = Float32Array.from({ length: inputs * rank }, () => bound * (2 * draw.float() - 1));
  const a = tf.tidy(() => tf.variable(tf.tensor2d(start, [inputs, rank])));
  const b = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R2>([rank, width])));
  variables.set(`${name}.a`, a).set(`${name}.b`, b);
  return { ...part, a, b };
}

/** The matrices that the family's files keep apart. */
export function loraTargets({ config }: LanguageModel): readonly LoraTarget[] {
  const attention: readonly LoraTarget[] = config.family === "gpt2" ? ["qkv", "o"] : ["q", "k", "v", "o"];
  return [...attention, ...(config.activation === "silu-gated" ? (["gate"] as const) : []), "up", "down"];
}

/** left(A)·B side by side, zeros where there is no adapter: `[rows, out]`. */
function change(parts: readonly Part[], rows: number, left: (a: tf.Tensor2D) => tf.Tensor2D): tf.Tensor2D {
  const columns = parts.map(({ width, a, b }) =>
    a === undefined || b === undefined ? tf.zeros<tf.Rank.R2>([rows, width]) : tf.matMul<tf.Tensor2D>(left(a), b),
  );
  return columns.length === 1 ? columns[0]! : tf.concat(columns, 1);
}
