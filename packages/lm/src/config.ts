import { ConfigError, ValueError } from "@x/core";

/** The architectures: each is a setting of the same few switches (see `lmConfig`). */
export type Family = "gpt2" | "llama" | "olmo" | "olmo2" | "qwen2" | "qwen3";

/**
 * How a model stretches its rotary positions beyond the length it was trained with.
 *
 * `linear` divides every frequency by `factor`; `llama3` divides only those whose wavelength exceeds
 * `originalMaxPositions / lowFreqFactor`, keeps those below `originalMaxPositions / highFreqFactor`, and blends between.
 */
export type RopeScaling =
  | { readonly type: "linear"; readonly factor: number }
  | {
      readonly type: "llama3";
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositions: number;
    };

/** Everything that decides the function a language model computes. Plain JSON; change it with a spread. */
export interface LmConfig {
  readonly family: Family;
  readonly vocabSize: number;
  /** Width d of the residual stream. */
  readonly hidden: number;
  readonly layers: number;
  /** Query heads H. */
  readonly heads: number;
  /** Key and value heads, a divisor of `heads`; fewer than `heads` is grouped-query attention. */
  readonly kvHeads: number;
  /** Width D of one head; `heads · headDim` may differ from `hidden`. */
  readonly headDim: number;
  /** Inner width of the MLP. */
  readonly ffn: number;
  /** The longest sequence, in tokens. */
  readonly maxPositions: number;
  /** `layer` with gain and bias, `layer-noaffine` without parameters, `rms` with gain. */
  readonly norm: "layer" | "layer-noaffine" | "rms";
  readonly normEps: number;
  /** `pre`: x + f(norm(x)); `post-branch`: x + norm(f(x)). */
  readonly normPlace: "pre" | "post-branch";
  /** RMS norm of queries and keys: over the whole projection or over each head. */
  readonly qkNorm: "none" | "full" | "head";
  /** Rotary positions, or `null` for a learned embedding of each position. */
  readonly rope: { readonly theta: number; readonly scaling: RopeScaling | null } | null;
  /** `silu-gated` is SwiGLU with a third matrix `gate`. */
  readonly activation: "gelu-tanh" | "gelu-erf" | "silu-gated";
  /** Which projections have a bias. */
  readonly bias: { readonly qkv: boolean; readonly out: boolean; readonly mlp: boolean };
  /** Whether the head is the transposed embedding. */
  readonly tie: boolean;
  /** Queries, keys and values are clamped to ± this, or `null`. */
  readonly clipQkv: number | null;
  /** The tokens that end a text, the main one first; may be empty. */
  readonly eosIds: readonly number[];
  readonly bosId: number | null;
  readonly padId: number | null;
}

type Sizes = "family" | "vocabSize" | "hidden" | "layers" | "heads";
type Traits = Pick<
  LmConfig,
  "maxPositions" | "norm" | "normEps" | "normPlace" | "qkNorm" | "rope" | "activation" | "bias" | "tie"
>;

const rope = (theta: number) => ({ theta, scaling: null });
const noBias = { qkv: false, out: false, mlp: false };
const preRms = { norm: "rms", normEps: 1e-6, normPlace: "pre", qkNorm: "none", activation: "silu-gated" } as const;

/** What a family is made of. */
const families: Record<Family, Traits> = {
  gpt2: {
    maxPositions: 1024,
    norm: "layer",
    normEps: 1e-5,
    normPlace: "pre",
    qkNorm: "none",
    rope: null,
    activation: "gelu-tanh",
    bias: { qkv: true, out: true, mlp: true },
    tie: true,
  },
  llama: { ...preRms, maxPositions: 2048, rope: rope(10_000), bias: noBias, tie: false },
  olmo: {
    ...preRms,
    norm: "layer-noaffine",
    normEps: 1e-5,
    maxPositions: 2048,
    rope: rope(10_000),
    bias: noBias,
    tie: false,
  },
  olmo2: {
    ...preRms,
    normEps: 1e-5,
    normPlace: "post-branch",
    qkNorm: "full",
    maxPositions: 2048,
    rope: rope(10_000),
    bias: noBias,
    tie: false,
  },
  qwen2: {
    ...preRms,
    maxPositions: 32_768,
    rope: rope(10_000),
    bias: { qkv: true, out: false, mlp: false },
    tie: false,
  },
  qwen3: { ...preRms, qkNorm: "head", maxPositions: 32_768, rope: rope(10_000), bias: noBias, tie: false },
};

/**
 * A full config from its sizes: whatever is left out is as in the family's published class.
 *
 * Defaults: `kvHeads = heads`, `headDim = hidden / heads`, `ffn = 4 · hidden` (gated: 8/3 · hidden, rounded up to a
 * multiple of 16), no special tokens, and the traits of the family:
 *
 * | family | norm | positions | queries and keys | MLP | bias | tied head |
 * |---|---|---|---|---|---|---|
 * | gpt2 | LayerNorm, pre | learned | – | GELU (tanh) | all | yes |
 * | llama | RMS, pre | rotary | – | SwiGLU | none | no |
 * | olmo | LayerNorm without parameters, pre | rotary | may be clamped | SwiGLU | none | no |
 * | olmo2 | RMS on the branch output | rotary | RMS over the projection | SwiGLU | none | no |
 * | qwen2 | RMS, pre | rotary | – | SwiGLU | q, k, v | no |
 * | qwen3 | RMS, pre | rotary | RMS per head | SwiGLU | none | no |
 *
 * @throws ConfigError, ValueError as `checkConfig`.
 * @paper 2302.13971 §2.2
 * @paper 2402.00838 §2.1
 * @paper 2501.00656 §2.1
 * @paper 2412.15115 §2
 * @paper 2505.09388 §2
 */
export function lmConfig(options: Pick<LmConfig, Sizes> & Partial<LmConfig>): LmConfig {
  const { family, hidden, heads } = options;
  const traits = families[family];
  if (traits === undefined)
    throw new ConfigError(`lmConfig: family must be one of ${Object.keys(families).join(", ")}, got ${family}`);
  const gated = (options.activation ?? traits.activation) === "silu-gated";
  const config: LmConfig = {
    ...traits,
    kvHeads: heads,
    headDim: hidden / heads,
    ffn: gated ? Math.ceil(hidden / 6) * 16 : 4 * hidden,
    clipQkv: null,
    eosIds: [],
    bosId: null,
    padId: null,
    ...options,
  };
  checkConfig(config);
  return config;
}

/** Names of the ready configs. */
export type Preset = "nano" | "micro" | "small" | "gpt2";

const gpt2 = (hidden: number, layers: number, heads: number, vocabSize: number, maxPositions: number) =>
  lmConfig({ family: "gpt2", hidden, layers, heads, vocabSize, maxPositions });

/**
 * Ready configs of the gpt2 family, for training from scratch.
 *
 * `nano` (d 64, 2 layers, 4 heads, 256 tokens; 0.1 M parameters), `micro` (d 128, 4 layers, 4 heads, 512 tokens; 0.9 M),
 * `small` (d 256, 4 layers, 8 heads, 2048 tokens; 3.8 M), `gpt2` (124 M, as published). Other sizes and families:
 * `{ ...presets("nano"), vocabSize: 300 }` or `lmConfig`.
 *
 * @throws ConfigError for another name.
 */
export function presets(name: Preset): LmConfig {
  switch (name) {
    case "nano":
      return gpt2(64, 2, 4, 256, 256);
    case "micro":
      return gpt2(128, 4, 4, 512, 512);
    case "small":
      return gpt2(256, 4, 8, 2048, 1024);
    case "gpt2":
      return { ...gpt2(768, 12, 12, 50_257, 1024), eosIds: [50_256], bosId: 50_256 };
    default:
      throw new ConfigError(`presets: name must be "nano", "micro", "small" or "gpt2", got ${JSON.stringify(name)}`);
  }
}

/**
 * Refuses configs that describe no model.
 *
 * @throws ValueError for a size that is not a positive integer, or a special token outside the vocabulary.
 * @throws ConfigError for `heads` that `kvHeads` does not divide, and for an odd `headDim` with rotary positions.
 */
export function checkConfig(config: LmConfig): void {
  const sizes = ["vocabSize", "hidden", "layers", "heads", "kvHeads", "headDim", "ffn", "maxPositions"] as const;
  for (const name of sizes)
    if (!Number.isSafeInteger(config[name]) || config[name] < 1)
      throw new ValueError(`checkConfig: ${name} must be a positive integer, got ${config[name]}`, {
        argument: name,
        value: config[name],
      });
  for (const [name, value] of [
    ["normEps", config.normEps],
    ["rope.theta", config.rope?.theta ?? 1],
    ["rope.scaling.factor", config.rope?.scaling?.factor ?? 1],
    ["clipQkv", config.clipQkv ?? 1],
  ] as const)
    if (!(value > 0 && value < Number.POSITIVE_INFINITY))
      throw new ValueError(`checkConfig: ${name} must be positive, got ${value}`, { argument: name, value });
  if (config.heads % config.kvHeads !== 0)
    throw new ConfigError(`checkConfig: kvHeads must divide heads, got ${config.kvHeads} and ${config.heads}`);
  if (config.rope !== null && config.headDim % 2 !== 0)
    throw new ConfigError(`checkConfig: headDim must be even with rotary positions, got ${config.headDim}`);
  const special = [...config.eosIds, ...[config.bosId, config.padId].filter((id) => id !== null)];
  for (const id of special)
    if (!Number.isSafeInteger(id) || id < 0 || id >= config.vocabSize)
      throw new ValueError(
        `checkConfig: eosIds, bosId and padId must be tokens below vocabSize ${config.vocabSize}, got ${id}`,
        { argument: "eosIds", value: id },
      );
}
