import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, ShapeError, StateError, ValueError } from "@x/core";
import { type NamedVariables, nn, traced } from "@x/runtime";
import { block, type InjectionSite, type Pass } from "./block.js";
import { checkConfig, type LmConfig } from "./config.js";
import { initialValues } from "./init.js";
import { KvCache, slotsOf } from "./kv-cache.js";
import { type LoadOptions, readModel } from "./load.js";
import { ropeFrequencies } from "./rope.js";
import { type SaveOptions, writeModel } from "./save.js";

/** Asked once a layer and site during a pass; the answer is `[B, T, width]`, `[B, 1, width]` or null for nothing. */
export type Inject = (layer: number, site: InjectionSite) => tf.Tensor3D | null;

/** What an adapter adds to the output of a named matrix for its input `[N, in]`, or null for nothing. */
export type Adapter = (name: string, x: tf.Tensor2D) => tf.Tensor2D | null;

/** What a forward pass may be given beside the tokens. */
export interface ForwardOptions {
  /** Vectors added inside the layers; differentiable. */
  readonly inject?: Inject;
  /** `[B, T]`, 1 = real: nobody attends to the other tokens. Not with a cache, where the order of positions decides. */
  readonly attentionMask?: tf.Tensor2D;
  /**
   * `[B, T]` int32: the position of each token in its own row; default 0 … T − 1. With a cache the keys and values go
   * there, no position twice in a row of one pass, and each token sees the places up to its own.
   */
  readonly positions?: tf.Tensor2D;
  /** Earlier tokens; the pass adds its own. For inference: the cache has no gradient. */
  readonly cache?: KvCache;
  /** `[B]` int32: the rows of the cache that these texts begin in; not with `positions`. Default 0 … B − 1. */
  readonly cacheRows?: tf.Tensor1D;
}

/**
 * A causal transformer: token and position embedding, `layers` blocks, a norm, and a head.
 *
 * One class for every family; the config decides. It owns its variables.
 */
export class LanguageModel {
  readonly config: LmConfig;
  /** The parameters by name (see `parameters`), matrices `[in, out]`. */
  readonly variables: NamedVariables;
  readonly layers: number;
  readonly vocabSize: number;
  /** The token that ends a text, −1 when there is none. */
  readonly eosId: number;
  /** How many numbers the variables hold. */
  readonly parameterCount: number;
  readonly #configText: string;
  readonly #adapters = new Map<string, Adapter>();
  #active: string | null = null;

  private constructor(config: LmConfig, variables: NamedVariables) {
    this.config = config;
    this.#configText = JSON.stringify(config);
    this.variables = variables;
    this.layers = config.layers;
    this.vocabSize = config.vocabSize;
    this.eosId = config.eosIds[0] ?? -1;
    this.parameterCount = [...variables.values()].reduce((count, { size }) => count + size, 0);
  }

  /**
   * A model with random weights: the same on every backend for one seed (see `initialValues`).
   *
   * @throws ValueError, ConfigError as `checkConfig`.
   */
  static create(config: LmConfig, { seed }: { readonly seed: number | string }): LanguageModel {
    checkConfig(config);
    const variables = new Map<string, tf.Variable>();
    for (const { name, shape, data } of initialValues(config, seed))
      variables.set(
        name,
        tf.tidy(() => tf.variable(tf.tensor(data, [...shape]))),
      );
    return new LanguageModel(config, variables);
  }

  /**
   * A published model, or one of ours: `config.json` and `model.safetensors`, or the shards that
   * `model.safetensors.index.json` names. F16 and BF16 weights are widened to float32.
   *
   * @throws FormatError for a file that is missing or malformed, and for weights that are not the config's: all missing,
   *   extra and mis-shaped names at once.
   * @throws ConfigError as `fromHfConfig`, StorageError when the system refuses to read, AbortedError.
   */
  static async load(directory: string, options: LoadOptions = {}): Promise<LanguageModel> {
    const { config, variables } = await readModel(directory, options);
    return new LanguageModel(config, variables);
  }

  /**
   * Writes `config.json` and `model.safetensors` in the published format, which `from_pretrained` of transformers
   * loads. Each file appears whole or not at all; other files of the directory stay.
   *
   * @throws ConfigError as `toHfConfig`, before anything is written; StorageError when the system refuses to write.
   */
  save(directory: string, options: SaveOptions = {}): Promise<void> {
    return writeModel(directory, this.config, this.variables, options);
  }

  /**
   * One pass over the tokens.
   *
   * @param tokens - `[B, T]` int32, each below `vocabSize`.
   * @returns `logits [B, T, V]` of the token after each, and `hidden [B, T, d]`, the normed stream that the head reads.
   * @throws ShapeError when shapes do not fit, ValueError for more than `maxPositions` tokens, ConfigError for
   *   `attentionMask` with `cache`.
   */
  forward(tokens: tf.Tensor2D, options: ForwardOptions = {}): { logits: tf.Tensor3D; hidden: tf.Tensor3D } {
    return tf.tidy(() => {
      const hidden = this.hidden(tokens, options);
      const [rows, length, width] = hidden.shape;
      return {
        logits: tf.reshape(this.#head(tf.reshape(hidden, [rows * length, width])), [rows, length, this.vocabSize]),
        hidden,
      };
    });
  }

  /** The logits `[B, T, V]` alone; see `forward`. */
  logits(tokens: tf.Tensor2D, options: ForwardOptions = {}): tf.Tensor3D {
    return tf.tidy(() => this.forward(tokens, options).logits);
  }

  /** The normed stream `[B, T, d]` alone, without the cost of the head; see `forward`. */
  hidden(tokens: tf.Tensor2D, options: ForwardOptions = {}): tf.Tensor3D {
    this.#check(tokens, options);
    return tf.tidy(() => {
      const [rows, length] = tokens.shape;
      const pass = this.#pass(rows, length, options);
      let x = this.#embed(tokens, options.positions);
      for (let layer = 0; layer < this.layers; layer++) x = block(pass, layer, x);
      x = pass.norm("norm", pass.inject(this.layers, "residual", x));
      return tf.reshape(x, [rows, length, this.config.hidden]);
    });
  }

  /**
   * The width that a tensor injected there must have.
   *
   * @throws ValueError for a layer that the site does not have (`residual` has one more: after the last block).
   */
  injectionWidth(layer: number, site: InjectionSite): number {
    const last = site === "residual" ? this.layers : this.layers - 1;
    if (!Number.isInteger(layer) || layer < 0 || layer > last)
      throw new ValueError(`injectionWidth: layer of ${site} must be in 0 … ${last}, got ${layer}`, {
        argument: "layer",
        value: layer,
      });
    return site === "attentionHeads" ? this.config.heads * this.config.headDim : this.config.hidden;
  }

  /**
   * An empty cache for `rows` texts of up to `length` tokens; pass it as `cache`, then dispose it.
   *
   * @throws ValueError when a size is no positive integer or `length` exceeds `maxPositions`.
   */
  openCache(rows: number, length: number): KvCache {
    return new KvCache(this.config, rows, length);
  }

  /**
   * Adds an adapter and makes it the active one; `attachLora` calls this.
   *
   * @throws ConfigError when there is one of this name.
   */
  attach(name: string, adapter: Adapter): void {
    if (this.#adapters.has(name)) throw new ConfigError(`attach: adapter names must differ, got "${name}" twice`);
    this.#adapters.set(name, adapter);
    this.#active = name;
  }

  /** Takes an adapter away, unless the name is another one's by now; when it was the active one, none is. */
  detach(name: string, adapter: Adapter): void {
    if (this.#adapters.get(name) !== adapter) return;
    this.#adapters.delete(name);
    if (this.#active === name) this.#active = null;
  }

  /**
   * Runs `fn` with another adapter active, `null` for the bare model: a reference policy without a second model.
   *
   * @param fn - synchronous: the adapter is switched back when it returns.
   * @throws ConfigError when there is no adapter of this name, or `fn` returns a promise or a generator.
   */
  withAdapter<R>(name: string | null, fn: () => R): R {
    if (name !== null && !this.#adapters.has(name))
      throw new ConfigError(`withAdapter: name must be one of [${[...this.#adapters.keys()]}] or null, got "${name}"`);
    const before = this.#active;
    this.#active = name;
    try {
      const result = fn();
      if (isLater(result))
        throw new ConfigError(
          "withAdapter: fn must be synchronous, got a promise or a generator, which go on after it",
        );
      return result;
    } finally {
      this.#active = before;
    }
  }

  /** What a program that reads the model depends on. */
  get [traced]() {
    return { config: this.#configText, variables: this.variables, adapter: this.#activeAdapter() };
  }

  /** Frees the variables; adapters keep their own. */
  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  #activeAdapter(): Adapter | undefined {
    return this.#active === null ? undefined : this.#adapters.get(this.#active);
  }

  /** Token embedding plus learned position, `[N, d]`. */
  #embed(tokens: tf.Tensor2D, positions: tf.Tensor2D | undefined): tf.Tensor2D {
    const [rows, length] = tokens.shape;
    const { hidden, rope } = this.config;
    const x = nn.embedding(this.#weight("embed"), tokens); // [B, T, d]
    const flat = (y: tf.Tensor) => tf.reshape(y, [rows * length, hidden]) as tf.Tensor2D;
    if (rope !== null) return flat(x);
    const table = this.#weight("pos");
    const pos = positions === undefined ? tf.slice(table, [0, 0], [length, hidden]) : nn.embedding(table, positions);
    return flat(tf.add(x, pos));
  }

  /** `[N, d]` → `[N, V]`. */
  #head(x: tf.Tensor2D): tf.Tensor2D {
    if (this.config.tie) return tf.matMul(x, this.#weight("embed") as tf.Tensor2D, false, true);
    return nn.linear(x, this.#weight("head")) as tf.Tensor2D;
  }

  /** What the blocks share in a pass over B = `rows` and T = `length`. */
  #pass(rows: number, length: number, { inject, attentionMask, positions, cache, cacheRows }: ForwardOptions): Pass {
    const { config } = this;
    const angles = this.#angles(length, positions);
    const slots =
      cache === undefined || positions === undefined ? undefined : slotsOf(positions, config.kvHeads, cache.length);
    const mask = attentionMask === undefined ? undefined : tf.reshape(attentionMask, [rows, 1, 1, length]);
    const adapter = this.#activeAdapter();

    return {
      config,
      rows,
      length,
      project: (name, x) => {
        const y = nn.linear(x, this.#weight(`${name}.w`), this.variables.get(`${name}.b`)) as tf.Tensor2D;
        const change = adapter?.(name, x) ?? null;
        return change === null ? y : tf.add(y, change);
      },
      norm: (name, x) => {
        const gain = this.variables.get(`${name}.w`) ?? null;
        if (config.norm === "rms") return nn.rmsNorm(x, gain, config.normEps);
        return nn.layerNorm(x, gain, this.variables.get(`${name}.b`) ?? null, config.normEps);
      },
      rmsNorm: (name, x) => nn.rmsNorm(x, this.#weight(`${name}.w`), config.normEps),
      rotate: (x) => (angles === undefined ? x : nn.rope(x, angles.cos, angles.sin)),
      attend: (layer, q, k, v) => {
        if (cache !== undefined && slots !== undefined) {
          const past = cache.extend(layer, k, v, slots);
          return nn.attention(q, past.k, past.v, { bias: slots.bias });
        }
        cache?.start(layer, k, v, cacheRows);
        return nn.attention(q, k, v, { causal: true, ...(mask === undefined ? {} : { mask }) });
      },
      inject: (layer, site, x) => {
        const extra = inject?.(layer, site) ?? null;
        return extra === null ? x : this.#injected(layer, site, x, extra, rows, length);
      },
    };
  }

  /** cos and sin of position × frequency: `[T, D/2]`, or `[B, 1, T, D/2]` for given positions. */
  #angles(length: number, positions: tf.Tensor2D | undefined): { cos: tf.Tensor; sin: tf.Tensor } | undefined {
    const { rope } = this.config;
    if (rope === null) return undefined;
    const place =
      positions === undefined
        ? tf.range(0, length, 1, "float32")
        : tf.cast(tf.reshape(positions, [positions.shape[0], 1, length]), "float32");
    const angle = tf.mul(tf.expandDims(place, -1), tf.tensor1d(ropeFrequencies(this.config, rope)));
    return { cos: tf.cos(angle), sin: tf.sin(angle) };
  }

  /** x `[N, w]` plus `[B, T, w]` or `[B, 1, w]`. */
  #injected(
    layer: number,
    site: InjectionSite,
    x: tf.Tensor2D,
    extra: tf.Tensor3D,
    rows: number,
    length: number,
  ): tf.Tensor2D {
    const width = this.injectionWidth(layer, site);
    const [b, t, w] = extra.shape;
    if (extra.rank !== 3 || b !== rows || (t !== length && t !== 1) || w !== width)
      throw new ShapeError(
        `forward: inject(${layer}, "${site}") must be [${rows}, ${length} or 1, ${width}], got [${extra.shape}]`,
      );
    if (t === length) return tf.add(x, tf.reshape(extra, [rows * length, width]));
    return tf.reshape(tf.add(tf.reshape(x, [rows, length, width]), extra), [rows * length, width]);
  }

  #weight(name: string): tf.Variable {
    const variable = this.variables.get(name);
    if (variable === undefined) throw new StateError(`LanguageModel: there must be a variable ${name}, got none`);
    return variable;
  }

  #check(tokens: tf.Tensor2D, { attentionMask, positions, cache, cacheRows }: ForwardOptions): void {
    if (tokens.rank !== 2 || tokens.dtype !== "int32" || tokens.size === 0)
      throw new ShapeError(`forward: tokens must be [B, T] int32, not empty, got [${tokens.shape}] ${tokens.dtype}`);
    const { maxPositions } = this.config;
    for (const [name, given] of Object.entries({ attentionMask, positions }))
      if (given !== undefined && !tf.util.arraysEqual(given.shape, tokens.shape))
        throw new ShapeError(`forward: ${name} must have the shape of tokens [${tokens.shape}], got [${given.shape}]`);
    if (tokens.shape[1] > maxPositions)
      throw new ValueError(
        `forward: tokens must not be longer than maxPositions ${maxPositions}, got ${tokens.shape[1]}`,
        {
          argument: "tokens",
          value: tokens.shape[1],
        },
      );
    if (cache === undefined) return;
    if (attentionMask !== undefined)
      throw new ConfigError("forward: attentionMask must be left out with cache, where positions decide; got both");
    const rows = cacheRows === undefined ? cache.rows : cacheRows.shape[0];
    if (rows !== tokens.shape[0] || cache.length < tokens.shape[1])
      throw new ShapeError(
        `forward: cache must have ${tokens.shape[0]} rows and at least ${tokens.shape[1]} places, got ${rows} and ${cache.length}`,
      );
    if (cacheRows !== undefined && positions !== undefined)
      throw new ConfigError("forward: cacheRows must be left out with positions, which go to all rows; got both");
  }
}

/** Whether something is still to be computed: a promise, or what `for await` runs through. */
const isLater = (result: unknown): boolean =>
  typeof result === "object" && result !== null && ["then", Symbol.asyncIterator, "next"].some((key) => key in result);
