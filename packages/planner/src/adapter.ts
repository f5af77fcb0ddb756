import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, parseState, ShapeError, StateError, ValueError } from "@x/core";
import { assignAll, loadCheckpoint, type NamedVariables, nn, saveCheckpoint, traced } from "@x/runtime";
import { mixCodebook } from "@x/soft-select";
import type { ActionCodebook } from "./actions.js";
import { oneHot } from "./one-hot.js";
import type { ConditionableLM, Inject, InjectionSite } from "./types.js";
import { constantVariable, pick, variable, xavierVariable } from "./variables.js";

/** The shape of an {@link ActionAdapter}. */
export interface ActionAdapterConfig {
  /** Where the vectors enter a layer. Default `"attentionHeads"`. */
  readonly site?: InjectionSite;
  /** How many of the first layers take no vector. Default 2, or all but the last layer of a shallower model. */
  readonly skipLayers?: number;
  /** A codebook for each conditioned layer, or one for all. Default `"perLayer"`. */
  readonly codebook?: "perLayer" | "shared";
}

/**
 * Tells the language model the plan: mixes the action embeddings by the plan's weights and adds a projection of the mix
 * to every conditioned layer ℓ, at every token of the sentence. K actions, D their length, B rows, S sentences, T tokens.
 *
 *   c_ℓ = P_ℓ·(wᵀ·E_ℓ) + b_ℓ
 *
 * E_ℓ starts as the centroids, P_ℓ by Xavier, b_ℓ as 0. A mix is made once a sentence and then handed to its tokens.
 * Owns its variables; `dispose` frees them.
 *
 * @paper 2410.12492 soft selection
 */
export class ActionAdapter {
  readonly config: Required<ActionAdapterConfig>;
  /** The codebook it was made with; its centroids are where the E_ℓ start. */
  readonly codebook: ActionCodebook;
  readonly layers: number;
  /** The P_ℓ and b_ℓ. */
  readonly projections: NamedVariables;
  /** The E_ℓ. */
  readonly codebooks: NamedVariables;

  private constructor(
    lm: ConditionableLM,
    codebook: ActionCodebook,
    config: Required<ActionAdapterConfig>,
    seed: number | string,
  ) {
    const rng = createRng(seed);
    const { actions, dim, centroids } = codebook;
    const projections = new Map<string, tf.Variable>();
    const codebooks = new Map<string, tf.Variable>();
    for (let layer = config.skipLayers; layer < lm.layers; layer++) {
      const width = lm.injectionWidth(layer, config.site);
      projections.set(`layers.${layer}.weight`, xavierVariable(rng, dim, width));
      projections.set(`layers.${layer}.bias`, constantVariable([width], 0));
      const name = codebookName(config, layer);
      if (!codebooks.has(name)) codebooks.set(name, variable(centroids, [actions, dim]));
    }
    this.config = config;
    this.codebook = codebook;
    this.layers = lm.layers;
    this.projections = projections;
    this.codebooks = codebooks;
  }

  /**
   * An adapter of fresh weights between a codebook and a language model.
   *
   * @throws ConfigError when `skipLayers` leaves no layer.
   * @throws ValueError when `skipLayers` is no integer ≥ 0.
   */
  static create(
    lm: ConditionableLM,
    codebook: ActionCodebook,
    options: ActionAdapterConfig & { readonly seed: number | string },
  ): ActionAdapter {
    const {
      site = "attentionHeads",
      skipLayers = Math.min(2, lm.layers - 1),
      codebook: sharing = "perLayer",
    } = options;
    if (!(Number.isInteger(skipLayers) && skipLayers >= 0))
      throw new ValueError(`ActionAdapter.create: skipLayers must be an integer ≥ 0, got ${skipLayers}`, {
        argument: "skipLayers",
        value: skipLayers,
      });
    if (skipLayers >= lm.layers)
      throw new ConfigError(
        `ActionAdapter.create: skipLayers must leave a layer, got skipLayers ${skipLayers} and ${lm.layers} layers`,
      );
    return new ActionAdapter(lm, codebook, { site, skipLayers, codebook: sharing }, options.seed);
  }

  /** All variables by name. */
  get variables(): NamedVariables {
    return new Map([...this.projections, ...this.codebooks]);
  }

  /** What a program that reads the adapter depends on. */
  get [traced]() {
    const { config, layers, codebook, variables } = this;
    return { config, layers, actions: codebook.actions, variables };
  }

  /**
   * The hook that a pass of the language model asks for its vectors. To be made where the tensors live: inside the step.
   *
   * @param weights - `[B, S, K]`, the plans; one-hot rows are hard plans.
   * @param planOfToken - `[B, T]` int32, the row of `weights` for each token.
   * @throws ShapeError when K differs from the codebook's.
   */
  injections(weights: tf.Tensor3D, planOfToken: tf.Tensor2D): Inject {
    if (weights.shape[2] !== this.codebook.actions)
      throw new ShapeError(
        `ActionAdapter.injections: weights must be [B, S, ${this.codebook.actions}], K being the codebook's, got [${weights.shape}]`,
      );
    const tokenRows = oneHot<tf.Tensor3D>(planOfToken, weights.shape[1]); // [B, T, S]
    return (layer, site) => {
      const { projections, codebooks, config } = this;
      if (site !== config.site || layer < config.skipLayers || layer >= this.layers) return null;
      const mixed = mixCodebook(weights, pick(codebooks, codebookName(config, layer))); // [B, S, D]
      const vectors = nn.linear(
        mixed,
        pick(projections, `layers.${layer}.weight`),
        pick(projections, `layers.${layer}.bias`),
      );
      return tf.matMul(tokenRows, vectors) as tf.Tensor3D; // [B, T, width]
    };
  }

  /** Writes the adapter below `directory`; returns the folder. */
  save(directory: string): Promise<string> {
    const state = { version: 1, codebookId: this.codebook.id, config: this.config };
    return saveCheckpoint(directory, { step: 0, state, tensors: this.variables });
  }

  /**
   * Reads what `save` wrote, for a language model of the same shape and the codebook it was made with.
   *
   * @throws StateError when there is nothing that verifies, or it is of another codebook, model shape or version.
   */
  static async load(directory: string, lm: ConditionableLM, codebook: ActionCodebook): Promise<ActionAdapter> {
    const saved = await loadCheckpoint(directory);
    if (saved === undefined)
      throw new StateError(`ActionAdapter.load: ${directory} must hold a saved adapter, got none`);
    let adapter: ActionAdapter | undefined;
    try {
      const { codebookId, config } = parseState<{
        version: number;
        codebookId: string;
        config: Required<ActionAdapterConfig>;
      }>(saved.state, 1);
      if (codebookId !== codebook.id)
        throw new StateError(`ActionAdapter.load: the adapter must be of codebook ${codebook.id}, got ${codebookId}`);
      adapter = ActionAdapter.create(lm, codebook, { ...config, seed: 0 });
      assignAll("ActionAdapter.load", adapter.variables, saved.tensors);
      return adapter;
    } catch (error) {
      adapter?.dispose();
      throw error;
    } finally {
      tf.dispose([...saved.tensors.values()]);
    }
  }

  dispose(): void {
    tf.dispose([...this.variables.values()]);
  }
}

function codebookName(config: Required<ActionAdapterConfig>, layer: number): string {
  return config.codebook === "shared" ? "codebook" : `layers.${layer}.codebook`;
}
