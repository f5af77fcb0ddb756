import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, parseState, ShapeError, StateError, ValueError } from "@x/core";
import { assignAll, loadCheckpoint, type NamedVariables, nn, saveCheckpoint, traced } from "@x/runtime";
import { type ActionCodebook, codebookOf } from "./actions.js";
import { constantVariable, normalVariable, pick, variable, xavierVariable } from "./variables.js";

/** The shape of a {@link Planner}. */
export interface PlannerConfig {
  /** Width of the transformer. Default: D rounded up to a multiple of 64. */
  readonly hidden?: number;
  /** Default 1. */
  readonly layers?: number;
  /** Must divide `hidden`. Default 2. */
  readonly heads?: number;
  /** How many sentences a layer looks back on, the last one included. Default 32. */
  readonly context?: number;
}

/**
 * Predicts the writing action of every sentence from the vectors of the sentences before it: a causal transformer with
 * positions counted backwards, whose head starts from the centroids. B rows, S sentences, D embedding, K actions.
 *
 *   x_s = W·v₍s₋₁₎ + b, or a learned vector where no sentence came before
 *   x ← x + attention(norm(x));  x ← x + W₂·relu(W₁·norm(x))      scores of attention + bias[head, s − s′]
 *   logits_s = scale · (P·norm(x_s))·Eᵀ + b                        E starts as the centroids, scale as 4
 *
 * Owns its variables; `dispose` frees them.
 *
 * Differs from the paper: causal over all sentences of a document in one pass instead of one example a sentence,
 * pre-norm, relative positions, a learned begin vector instead of the word "empty".
 *
 * @paper 2404.00614 planner
 */
export class Planner {
  readonly codebook: ActionCodebook;
  readonly config: Required<PlannerConfig>;
  readonly variables: NamedVariables;

  private constructor(codebook: ActionCodebook, config: Required<PlannerConfig>, variables: NamedVariables) {
    this.codebook = codebook;
    this.config = config;
    this.variables = variables;
  }

  /**
   * A planner of fresh weights over the actions of a codebook.
   *
   * @throws ValueError for a size below 1; ConfigError when `heads` does not divide `hidden`.
   */
  static create(codebook: ActionCodebook, options: PlannerConfig & { readonly seed: number | string }): Planner {
    const { hidden = 64 * Math.ceil(codebook.dim / 64), layers = 1, heads = 2, context = 32, seed } = options;
    const config = { hidden, layers, heads, context };
    for (const [argument, value] of Object.entries(config))
      if (!(Number.isInteger(value) && value >= 1))
        throw new ValueError(`Planner.create: ${argument} must be an integer ≥ 1, got ${value}`, { argument, value });
    if (hidden % heads !== 0)
      throw new ConfigError(`Planner.create: heads must divide hidden, got heads ${heads} and hidden ${hidden}`);
    return new Planner(codebook, config, freshVariables(codebook, config, seed));
  }

  /** What a program that reads the planner depends on. */
  get [traced]() {
    return { config: this.config, dim: this.codebook.dim, variables: this.variables };
  }

  /** How many rows before a planned sentence its plan can depend on: `layers · (context − 1)`. */
  get reach(): number {
    return this.config.layers * (this.config.context - 1);
  }

  /**
   * Action logits of each row.
   *
   * @param vectors - `[B, S, D]`: in row s the sentence **before** the one that is planned.
   * @param vectorMask - `[B, S]`, 1 where there is such a sentence, 0 at a document's beginning.
   * @returns `[B, S, K]`; row s depends on rows ≤ s only.
   * @throws ShapeError when the shapes do not fit the codebook or each other.
   */
  logits(vectors: tf.Tensor3D, vectorMask: tf.Tensor2D): tf.Tensor3D {
    const [B, S, D] = vectors.shape;
    if (D !== this.codebook.dim || vectorMask.shape.join() !== [B, S].join())
      throw new ShapeError(
        `Planner.logits: vectors must be [B, S, ${this.codebook.dim}] and vectorMask [B, S], got [${vectors.shape}] and [${vectorMask.shape}]`,
      );
    return tf.tidy(() => {
      const w = (name: string) => pick(this.variables, name);
      const known = tf.expandDims(vectorMask, 2);
      let x: tf.Tensor = tf.add(
        tf.mul(known, nn.linear(vectors, w("input.weight"), w("input.bias"))),
        tf.mul(tf.sub(1, known), w("begin")),
      ); // [B, S, hidden]
      for (let layer = 0; layer < this.config.layers; layer++) x = this.block(x as tf.Tensor3D, `layers.${layer}`);
      const state = nn.layerNorm(x, w("norm.gain"), w("norm.bias"), 1e-5);
      const target = nn.linear(state, w("head.projection")); // [B, S, D]
      const similarity = tf.matMul(tf.reshape(target, [B * S, D]), w("head.centroids"), false, true);
      return tf.reshape(tf.add(tf.mul(w("head.scale"), similarity), w("head.bias")), [B, S, -1]) as tf.Tensor3D;
    });
  }

  private block(x: tf.Tensor3D, name: string): tf.Tensor3D {
    const { heads, context } = this.config;
    const S = x.shape[1];
    const w = (part: string) => pick(this.variables, `${name}.${part}`);

    const inner = nn.layerNorm(x, w("attentionNorm.gain"), w("attentionNorm.bias"), 1e-5);
    const [q, k, v] = ["query", "key", "value"].map((part) =>
      nn.splitHeads(nn.linear(inner, w(`${part}.weight`), w(`${part}.bias`)) as tf.Tensor3D, heads),
    );
    const steps = tf.range(0, S, 1, "float32");
    const back = tf.sub(tf.expandDims(steps, 1), tf.expandDims(steps, 0)); // [S, S], query − key
    const mask = tf.cast(tf.logicalAnd(tf.greaterEqual(back, 0), tf.less(back, context)), "float32");
    const bias = tf.transpose(
      nn.embedding(w("relative"), tf.cast(tf.clipByValue(back, 0, context - 1), "int32")),
      [2, 0, 1],
    ); // [heads, S, S]
    const attended = nn.mergeHeads(
      nn.attention(q!, k!, v!, { mask: tf.reshape(mask, [1, 1, S, S]), bias: tf.expandDims(bias, 0) }),
    );
    const y = tf.add(x, nn.linear(attended, w("output.weight"), w("output.bias")));

    const normed = nn.layerNorm(y, w("mlpNorm.gain"), w("mlpNorm.bias"), 1e-5);
    const expanded = tf.relu(nn.linear(normed, w("up.weight"), w("up.bias")));
    return tf.add(y, nn.linear(expanded, w("down.weight"), w("down.bias")));
  }

  /** Writes the planner and its codebook below `directory`; returns the folder. */
  save(directory: string): Promise<string> {
    const { embedderId, dim, centroids } = this.codebook;
    const saved = tf.tensor(centroids);
    const tensors = new Map<string, tf.Tensor>([...this.variables, ["codebook", saved]]);
    const state = { version: 1, embedderId, dim, config: this.config };
    return saveCheckpoint(directory, { step: 0, state, tensors }).finally(() => saved.dispose());
  }

  /**
   * Reads what `save` wrote.
   *
   * @throws StateError when there is nothing that verifies, or it is of another version.
   */
  static async load(directory: string): Promise<Planner> {
    const saved = await loadCheckpoint(directory);
    if (saved === undefined) throw new StateError(`Planner.load: ${directory} must hold a saved planner, got none`);
    let planner: Planner | undefined;
    try {
      const { embedderId, dim, config } = parseState<{
        version: number;
        embedderId: string;
        dim: number;
        config: Required<PlannerConfig>;
      }>(saved.state, 1);
      const { codebook, ...weights } = Object.fromEntries(saved.tensors);
      const centroids = (await codebook!.data()) as Float32Array;
      planner = Planner.create(codebookOf(centroids, dim, embedderId), { ...config, seed: 0 });
      assignAll("Planner.load", planner.variables, new Map(Object.entries(weights)));
      return planner;
    } catch (error) {
      planner?.dispose();
      throw error;
    } finally {
      tf.dispose([...saved.tensors.values()]);
    }
  }

  dispose(): void {
    tf.dispose([...this.variables.values()]);
  }
}

function freshVariables(
  { dim, actions, centroids }: ActionCodebook,
  { hidden, layers, heads, context }: Required<PlannerConfig>,
  seed: number | string,
): NamedVariables {
  const rng = createRng(seed);
  const variables = new Map<string, tf.Variable>();
  const linear = (name: string, inputs: number, outputs: number) => {
    variables.set(`${name}.weight`, xavierVariable(rng, inputs, outputs));
    variables.set(`${name}.bias`, constantVariable([outputs], 0));
  };
  const norm = (name: string) => {
    variables.set(`${name}.gain`, constantVariable([hidden], 1));
    variables.set(`${name}.bias`, constantVariable([hidden], 0));
  };
  linear("input", dim, hidden);
  variables.set("begin", normalVariable(rng, [hidden], 1 / Math.sqrt(hidden)));
  for (let layer = 0; layer < layers; layer++) {
    norm(`layers.${layer}.attentionNorm`);
    for (const part of ["query", "key", "value", "output"]) linear(`layers.${layer}.${part}`, hidden, hidden);
    variables.set(`layers.${layer}.relative`, constantVariable([context, heads], 0));
    norm(`layers.${layer}.mlpNorm`);
    linear(`layers.${layer}.up`, hidden, 4 * hidden);
    linear(`layers.${layer}.down`, 4 * hidden, hidden);
  }
  norm("norm");
  // For unit centroids this deviation makes every product with one of the size of a cosine.
  variables.set("head.projection", normalVariable(rng, [hidden, dim], 1 / Math.sqrt(hidden * dim)));
  variables.set("head.centroids", variable(centroids, [actions, dim]));
  variables.set("head.scale", constantVariable([], 4));
  variables.set("head.bias", constantVariable([actions], 0));
  return variables;
}
