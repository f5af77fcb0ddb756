import { ConfigError, FormatError } from "@x/core";
import { checkConfig, type Family, type LmConfig, lmConfig, type RopeScaling } from "./config.js";
import { type ConfigReader, configReader } from "./config-reader.js";

/** Keys of any `config.json` that do not change what the model computes: bookkeeping, training, generation. */
const neutral = [
  "_name_or_path architectures transformers_version torch_dtype dtype use_cache initializer_range return_dict",
  "output_attentions output_hidden_states torchscript use_bfloat16 tf_legacy_loss gradient_checkpointing",
  "id2label label2id problem_type finetuning_task task_specific_params tokenizer_class prefix pretraining_tp",
  "attention_dropout attn_implementation _attn_implementation _attn_implementation_autoset is_decoder",
  "do_sample temperature top_k top_p typical_p repetition_penalty length_penalty diversity_penalty early_stopping",
  "no_repeat_ngram_size encoder_no_repeat_ngram_size max_length min_length num_beams num_beam_groups output_scores",
  "num_return_sequences return_dict_in_generate bad_words_ids forced_bos_token_id forced_eos_token_id",
  "remove_invalid_values sep_token_id decoder_start_token_id suppress_tokens begin_suppress_tokens",
  "exponential_decay_length_penalty max_new_tokens is_llama_config transformers.js_config",
].flatMap((line) => line.split(" "));

const architectures: Record<Family, string> = {
  gpt2: "GPT2LMHeadModel",
  llama: "LlamaForCausalLM",
  olmo: "OlmoForCausalLM",
  olmo2: "Olmo2ForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  qwen3: "Qwen3ForCausalLM",
};

/**
 * The config of a published model from its `config.json`.
 *
 * Every key is known or refused: one that is not known may change the function. The rotary settings are read in the new
 * form (`rope_parameters`) and in the old one (`rope_theta`, `rope_scaling`).
 *
 * @param json - the parsed file.
 * @throws ConfigError for a family, key or value that is not implemented, naming the key.
 * @throws FormatError for a missing key or a value of the wrong type.
 */
export function fromHfConfig(json: unknown): LmConfig {
  const read = configReader("fromHfConfig", json);
  const family = read.string("model_type", "");
  if (!Object.hasOwn(architectures, family))
    throw new ConfigError(
      `fromHfConfig: model_type must be one of ${Object.keys(architectures).join(", ")}, got ${JSON.stringify(family)}`,
    );
  read.ignore(...neutral);
  read.must("chunk_size_feed_forward", 0);
  read.must("pruned_heads", {});
  for (const key of ["is_encoder_decoder", "tie_encoder_decoder", "add_cross_attention"]) read.must(key, false);

  const config = family === "gpt2" ? readGpt2(read) : readLlamaLike(read, family as Exclude<Family, "gpt2">);
  read.finish();
  return config;
}

function readGpt2(read: ConfigReader): LmConfig {
  read.ignore("n_ctx", "resid_pdrop", "embd_pdrop", "attn_pdrop", "summary_type", "summary_use_proj");
  read.ignore("summary_activation", "summary_proj_to_labels", "summary_first_dropout");
  read.must("scale_attn_weights", true);
  read.must("scale_attn_by_inverse_layer_idx", false);
  read.must("reorder_and_upcast_attn", false);
  const hidden = read.number("n_embd");
  return lmConfig({
    family: "gpt2",
    vocabSize: read.number("vocab_size"),
    hidden,
    layers: read.number("n_layer"),
    heads: read.number("n_head"),
    ffn: read.number("n_inner", 4 * hidden),
    maxPositions: read.number("n_positions", 1024),
    normEps: read.number("layer_norm_epsilon", 1e-5),
    activation: read.choice("activation_function", "gelu_new", {
      gelu_new: "gelu-tanh",
      gelu_pytorch_tanh: "gelu-tanh",
      gelu: "gelu-erf",
    } as const),
    tie: read.boolean("tie_word_embeddings", true),
    ...readTokens(read),
  });
}

function readLlamaLike(read: ConfigReader, family: Exclude<Family, "gpt2">): LmConfig {
  const hidden = read.number("hidden_size");
  const layers = read.number("num_hidden_layers");
  const heads = read.number("num_attention_heads");
  read.must("hidden_act", "silu");
  read.must("rope_interleaved", false);
  if (family === "qwen2" || family === "qwen3") {
    read.must("use_sliding_window", false);
    read.must("use_mrope", false);
    read.ignore("sliding_window", "max_window_layers");
    read.must("layer_types", Array(layers).fill("full_attention"));
  }
  const attentionBias = family === "qwen2" ? false : read.boolean("attention_bias", false);
  return lmConfig({
    family,
    vocabSize: read.number("vocab_size"),
    hidden,
    layers,
    heads,
    kvHeads: read.number("num_key_value_heads", heads),
    headDim: read.number("head_dim", hidden / heads),
    ffn: read.number("intermediate_size"),
    maxPositions: read.number("max_position_embeddings", family.startsWith("qwen") ? 32_768 : 2048),
    ...(family === "olmo" ? {} : { normEps: read.number("rms_norm_eps", family === "olmo2" ? 1e-5 : 1e-6) }),
    ...(family === "olmo" ? { clipQkv: read.number("clip_qkv", 0) || null } : {}),
    rope: readRope(read),
    bias: {
      qkv: family === "qwen2" || attentionBias,
      out: attentionBias,
      mlp: family === "llama" && read.boolean("mlp_bias", false),
    },
    tie: read.boolean("tie_word_embeddings", false),
    ...readTokens(read),
  });
}

function readTokens(read: ConfigReader): Pick<LmConfig, "eosIds" | "bosId" | "padId"> {
  // Old files say −1 for none.
  const idsOf = (key: string): number[] => {
    const ids = [read.any(key) ?? []].flat();
    if (!ids.every((id): id is number => typeof id === "number"))
      throw new FormatError(`fromHfConfig: ${key} must be a number or a list of numbers, got ${JSON.stringify(ids)}`);
    return ids.filter((id) => id >= 0);
  };
  const [bosId = null] = idsOf("bos_token_id");
  const [padId = null] = idsOf("pad_token_id");
  return { eosIds: idsOf("eos_token_id"), bosId, padId };
}

function readRope(read: ConfigReader): NonNullable<LmConfig["rope"]> {
  const now = read.section("rope_parameters");
  const before = read.section("rope_scaling");
  const oldTheta = read.number("rope_theta", 0);
  if (oldTheta !== 0) now?.must("rope_theta", oldTheta);
  const theta = oldTheta || (now?.number("rope_theta", 10_000) ?? 10_000);
  before?.ignore("rope_theta");
  const [scaling, oldScaling] = [now, before].map((section) => (section === undefined ? null : readScaling(section)));
  if (now !== undefined && before !== undefined && JSON.stringify(scaling) !== JSON.stringify(oldScaling))
    throw new ConfigError(
      `fromHfConfig: rope_scaling must say what rope_parameters says, got ${JSON.stringify(oldScaling)} and ${JSON.stringify(scaling)}`,
    );
  return { theta, scaling: (now === undefined ? oldScaling : scaling) ?? null };
}

function readScaling(read: ConfigReader): RopeScaling | null {
  const type = read.choice("rope_type", read.string("type", "default"), {
    default: "default",
    linear: "linear",
    llama3: "llama3",
  } as const);
  read.must("partial_rotary_factor", 1);
  const scaling: RopeScaling | null =
    type === "default"
      ? null
      : type === "linear"
        ? { type, factor: read.number("factor") }
        : {
            type,
            factor: read.number("factor"),
            lowFreqFactor: read.number("low_freq_factor"),
            highFreqFactor: read.number("high_freq_factor"),
            originalMaxPositions: read.number("original_max_position_embeddings"),
          };
  read.finish();
  return scaling;
}

/**
 * The `config.json` of a model, such that `fromHfConfig(toHfConfig(config))` equals `config`.
 *
 * @throws ConfigError naming the settings that the family's file format cannot say, such as another norm.
 */
export function toHfConfig(config: LmConfig): Record<string, unknown> {
  checkConfig(config);
  const json = {
    architectures: [architectures[config.family]],
    model_type: config.family,
    vocab_size: config.vocabSize,
    ...(config.family === "gpt2" ? gpt2Keys(config) : llamaLikeKeys(config)),
    tie_word_embeddings: config.tie,
    bos_token_id: config.bosId,
    eos_token_id: config.eosIds.length > 1 ? config.eosIds : (config.eosIds[0] ?? null),
    pad_token_id: config.padId,
    dtype: "float32",
  };
  const back = fromHfConfig(json);
  const lost = (Object.keys(config) as (keyof LmConfig)[]).filter(
    (key) => JSON.stringify(sorted(back[key])) !== JSON.stringify(sorted(config[key])),
  );
  if (lost.length > 0)
    throw new ConfigError(
      `toHfConfig: the family must be able to say every setting, got for ${config.family}: ` +
        lost.map((key) => `${key} = ${JSON.stringify(config[key])}`).join(", "),
    );
  return json;
}

function gpt2Keys(config: LmConfig): Record<string, unknown> {
  return {
    n_embd: config.hidden,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: config.ffn,
    n_positions: config.maxPositions,
    layer_norm_epsilon: config.normEps,
    activation_function: config.activation === "gelu-tanh" ? "gelu_new" : "gelu",
    resid_pdrop: 0,
    embd_pdrop: 0,
    attn_pdrop: 0,
  };
}

function llamaLikeKeys(config: LmConfig): Record<string, unknown> {
  const { family, rope, bias } = config;
  return {
    hidden_size: config.hidden,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headDim,
    intermediate_size: config.ffn,
    max_position_embeddings: config.maxPositions,
    hidden_act: "silu",
    ...(family === "olmo" ? { clip_qkv: config.clipQkv } : { rms_norm_eps: config.normEps }),
    ...(family === "qwen2" ? {} : { attention_bias: bias.out }),
    ...(family === "llama" ? { mlp_bias: bias.mlp } : {}),
    ...(rope === null ? {} : ropeKeys(rope)),
  };
}

/** Both forms, for old readers and new ones. */
function ropeKeys({ theta, scaling }: NonNullable<LmConfig["rope"]>): Record<string, unknown> {
  const scale =
    scaling === null
      ? null
      : scaling.type === "linear"
        ? { rope_type: "linear", factor: scaling.factor }
        : {
            rope_type: "llama3",
            factor: scaling.factor,
            low_freq_factor: scaling.lowFreqFactor,
            high_freq_factor: scaling.highFreqFactor,
            original_max_position_embeddings: scaling.originalMaxPositions,
          };
  return {
    rope_theta: theta,
    rope_scaling: scale,
    rope_parameters: { rope_theta: theta, ...(scale ?? { rope_type: "default" }) },
  };
}

/** The value with the keys of its objects in order, for comparing. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
