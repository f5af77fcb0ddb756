import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, StateError } from "@x/core";
import { nn, random } from "@x/runtime";
import { mixWithOracle, type Selection, select, stopGradient } from "@x/soft-select";
import type { ActionCodebook } from "./actions.js";
import type { ActionAdapter } from "./adapter.js";
import type { PlanBatch } from "./chunks.js";
import type { PlanCorpus } from "./corpus.js";
import { oneHot } from "./one-hot.js";
import type { Planner } from "./planner.js";
import type { ConditionableLM } from "./types.js";

/**
 * Where the plan of a sentence comes from: nowhere (the plain language model), always action 0 or all actions alike
 * (the controls for added parameters), the true action (an upper bound: it knows the future), or the planner.
 */
export type PlanSource = "none" | "fixed" | "uniform" | "oracle" | "planner";

/** A language model, what tells it the plan, and what makes the plan; `none` needs the first, `planner` all three. */
export interface PlannedModel {
  readonly lm: ConditionableLM;
  readonly adapter?: ActionAdapter;
  readonly planner?: Planner;
}

/** A {@link PlanBatch} as tensors, and the scalars of its step. */
export type PlanTensors = {
  readonly tokens: tf.Tensor2D;
  readonly labels: tf.Tensor2D;
  readonly lossMask: tf.Tensor2D;
  readonly planOfToken: tf.Tensor2D;
  readonly vectors: tf.Tensor3D;
  readonly vectorMask: tf.Tensor2D;
  readonly actions: tf.Tensor2D;
  readonly actionMask: tf.Tensor2D;
  /** τ of this step, in place of the selection's own. */
  readonly temperature?: tf.Scalar;
  /** ε, the share of true actions. */
  readonly oracleProbability: tf.Scalar;
  /** Key of the step's noise. */
  readonly key: tf.Scalar;
};

/** How plans are made of logits. */
export interface PlanRule {
  readonly source: PlanSource;
  readonly selection: Selection;
  /** Whether stochastic selections draw. */
  readonly training: boolean;
  readonly oracleMode?: "bernoulli" | "convex";
  /** Whether the plan has a gradient to the planner. Default `"through"`. */
  readonly planGradient?: "through" | "stopped";
}

/** Uploads a batch. The caller disposes it. */
export function planTensors(
  batch: PlanBatch,
  scalars: {
    readonly temperature?: number | undefined;
    readonly oracleProbability?: number;
    readonly key?: number;
  } = {},
): PlanTensors {
  const { rows, length, sentences, dim } = batch.shape;
  return {
    tokens: tf.tensor2d(batch.tokens, [rows, length], "int32"),
    labels: tf.tensor2d(batch.labels, [rows, length], "int32"),
    lossMask: tf.tensor2d(batch.lossMask, [rows, length]),
    planOfToken: tf.tensor2d(batch.planOfToken, [rows, length], "int32"),
    vectors: tf.tensor3d(batch.vectors, [rows, sentences, dim]),
    vectorMask: tf.tensor2d(batch.vectorMask, [rows, sentences]),
    actions: tf.tensor2d(batch.actions, [rows, sentences], "int32"),
    actionMask: tf.tensor2d(batch.actionMask, [rows, sentences]),
    ...(scalars.temperature !== undefined && { temperature: tf.scalar(scalars.temperature) }),
    oracleProbability: tf.scalar(scalars.oracleProbability ?? 0),
    key: tf.scalar(scalars.key ?? 0, "int32"),
  };
}

/**
 * The plan of each sentence as weights of the actions, `[B, S, K]`.
 *
 * @param logits - the planner's, `[B, S, K]`; only its shape matters for other sources.
 */
export function planWeights(logits: tf.Tensor3D, batch: PlanTensors, rule: PlanRule): tf.Tensor3D {
  const { source, training, oracleMode } = rule;
  const [B, S, K] = logits.shape;
  if (source === "oracle") return oneHot<tf.Tensor3D>(batch.actions, K);
  if (source === "fixed") return select(logits, { kind: "fixed", index: 0 }).weights as tf.Tensor3D;
  if (source === "uniform") return select(logits, { kind: "uniform" }).weights as tf.Tensor3D;
  const selection = atTemperature(rule.selection, batch.temperature);
  const draws = training && (selection.kind === "gumbel" || selection.kind === "sampled");
  const noise = draws ? random.gumbel(batch.key, [B, S, K]) : undefined;
  const { weights } = select(logits, selection, { training, noise });
  if (oracleMode === undefined) return weights as tf.Tensor3D;
  return mixWithOracle(weights, batch.actions, {
    mode: oracleMode,
    probability: batch.oracleProbability,
    noise: random.uniform(batch.key, [B, S], 2 * B * S * K), // behind the stretch of Gumbel noise
  }) as tf.Tensor3D;
}

function atTemperature(selection: Selection, temperature: tf.Scalar | undefined): Selection {
  const { kind } = selection;
  if (temperature === undefined || kind === "hard" || kind === "uniform" || kind === "fixed") return selection;
  return { ...selection, temperature };
}

/**
 * The negative log-likelihoods of next tokens, given the plans, and of next actions, both in nats.
 *
 *   ntp[b, t] = −log p(label | tokens, w),   nap[b, s] = −log softmax(planner logits)[action]
 *
 * @returns `ntp [B, T]`; with source `planner` also `nap [B, S]` and `planLogits [B, S, K]`.
 * @paper 2410.12492 soft selection
 */
export function planningLosses(
  model: PlannedModel,
  batch: PlanTensors,
  rule: PlanRule,
): { ntp: tf.Tensor2D; nap?: tf.Tensor2D; planLogits?: tf.Tensor3D } {
  const { lm, adapter, planner } = model;
  const tokenLosses = (plan: tf.Tensor3D | undefined) => {
    const inject = plan && adapter?.injections(plan, batch.planOfToken);
    return crossEntropies(lm.logits(batch.tokens, inject && { inject }), batch.labels);
  };
  if (rule.source === "none") return { ntp: tokenLosses(undefined) };
  if (rule.source !== "planner") {
    const [B, S] = batch.actions.shape;
    return { ntp: tokenLosses(planWeights(tf.zeros([B, S, adapter!.codebook.actions]), batch, rule)) };
  }
  const planLogits = planner!.logits(batch.vectors, batch.vectorMask);
  const planned = rule.planGradient === "stopped" ? stopGradient(planLogits) : planLogits;
  const ntp = tokenLosses(planWeights(planned, batch, rule));
  return { ntp, nap: crossEntropies(planLogits, batch.actions), planLogits };
}

/** −log softmax(logits)[label]; `[B, N, V]` and `[B, N]` to `[B, N]`. */
export function crossEntropies(logits: tf.Tensor3D, labels: tf.Tensor2D): tf.Tensor2D {
  const rows = tf.reshape(logits, [labels.size, -1]);
  return tf.reshape(nn.sparseCrossEntropy(rows, tf.reshape(labels, [-1])), labels.shape);
}

/** Σ mask·x / Σ mask, 0 when nothing counts. */
export function maskedMean(x: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  return tf.div(tf.sum(tf.mul(x, mask)), tf.maximum(tf.sum(mask), 1));
}

/**
 * Checks that the parts a source needs are there and speak of the same actions.
 *
 * @throws ConfigError when a part is missing or the numbers of actions differ; StateError when the codebooks differ.
 */
export function checkModel(name: string, model: PlannedModel, corpus: PlanCorpus, source: PlanSource): void {
  const { lm, adapter, planner } = model;
  const largest = corpus.documents.reduce((most, { tokens }) => tokens.reduce((m, t) => Math.max(m, t), most), 0);
  if (largest >= lm.vocabSize)
    throw new ConfigError(
      `${name}: the model must have the tokenizer's tokens, got token ${largest} for a vocabulary of ${lm.vocabSize}`,
    );
  if (source !== "none" && adapter === undefined)
    throw new ConfigError(`${name}: source "${source}" needs an adapter, got none`);
  if (source === "planner" && planner === undefined)
    throw new ConfigError(`${name}: source "planner" needs a planner, got none`);
  if (adapter !== undefined) checkCodebook(name, "adapter", adapter.codebook, corpus);
  if (planner !== undefined) checkCodebook(name, "planner", planner.codebook, corpus);
}

/** @throws ConfigError when a part has another number of actions than the corpus; StateError when its codebook differs. */
export function checkCodebook(
  name: string,
  part: string,
  { actions, id }: Pick<ActionCodebook, "actions" | "id">,
  { codebook }: PlanCorpus,
): void {
  if (actions !== codebook.actions)
    throw new ConfigError(
      `${name}: ${part} and corpus must have as many actions, got ${actions} and ${codebook.actions}`,
    );
  if (id !== codebook.id)
    throw new StateError(`${name}: the ${part} must be of the corpus's codebook ${codebook.id}, got ${id}`);
}
