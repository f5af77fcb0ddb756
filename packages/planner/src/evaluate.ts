import * as tf from "@tensorflow/tfjs-core";
import { meanNll, mergeNll, type NllSum, perplexity, TokenNll } from "@x/metrics/lm";
import { jit } from "@x/runtime";
import type { Selection } from "@x/soft-select";
import { breathe } from "./breathe.js";
import { type PlanBatch, planChunks } from "./chunks.js";
import { type PlanCorpus, planIndexPerToken } from "./corpus.js";
import {
  checkModel,
  type PlannedModel,
  type PlanRule,
  type PlanSource,
  type PlanTensors,
  planningLosses,
  planTensors,
} from "./objective.js";
import { oneHot } from "./one-hot.js";

/** Options of {@link evaluatePlanning}. */
export interface EvaluateOptions {
  readonly source: PlanSource;
  /** How the planner's logits become a plan; nothing is drawn. Default `{ kind: "soft" }`. */
  readonly selection?: Selection;
  /** Tokens a chunk. Default 128. */
  readonly length?: number;
  /** How far chunks lie apart; 1 gives every token the longest context and costs `length` times more. Default `length`. */
  readonly stride?: number;
  /** Chunks a pass. Default 32. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** How well the next tokens, and the next actions, are predicted. */
export interface PlanEvaluation {
  readonly source: PlanSource;
  /** Whether the plans know the future (source `oracle`): then this is a bound, not a result. */
  readonly upperBound: boolean;
  /** Nats a token; a document's first token is not counted. */
  readonly nll: number;
  /** e^nll. */
  readonly perplexity: number;
  /** Number of tokens. */
  readonly tokens: number;
  /** Tokens of each document, for paired comparisons. */
  readonly documents: readonly NllSum[];
  /** By the token's place in its sentence, the first being 0. */
  readonly byTokenInSentence: readonly NllSum[];
  /** Of the planner; with source `planner` only. */
  readonly nap?: NapEvaluation;
}

/** How well the next actions are predicted. */
export interface NapEvaluation {
  /** Cross-entropy, nats a sentence. */
  readonly loss: number;
  /** Share of sentences whose true action comes first. */
  readonly accuracy: number;
  /** Mean place of the true action, 1 being the first; ties count against it. */
  readonly meanRank: number;
  /** Sentences of each document, for paired comparisons. */
  readonly documents: readonly NllSum[];
}

/**
 * Measures next-token and next-action prediction over a corpus. Every token and every sentence counts once.
 *
 * @throws ConfigError when a part that the source needs is missing or numbers of actions differ.
 * @throws StateError when adapter, planner and corpus are not of one codebook.
 * @throws AbortedError when the signal fires.
 */
export async function evaluatePlanning(
  model: PlannedModel,
  corpus: PlanCorpus,
  options: EvaluateOptions,
): Promise<PlanEvaluation> {
  const { source, selection = { kind: "soft" }, signal } = options;
  const { length = 128, stride = length, batchSize = 32 } = options;
  checkModel("evaluatePlanning", model, corpus, source);
  const chunks = planChunks(corpus, { length, stride, batchSize, reach: model.planner?.reach ?? 0 });
  const { lm, adapter, planner } = model;
  const parts = { lm, ...(adapter && { adapter }), ...(planner && { planner }) };
  const totals = accumulator(corpus, source);
  for (let i = 0; i < chunks.batches; i++) {
    await breathe(signal);
    const batch = chunks.batch(i);
    const outputs = tf.tidy(() => measure(parts, planTensors(batch), { source, selection, training: false }));
    const [ntp, nap, rank] = await Promise.all(outputs.map((output) => output.data())).finally(() =>
      tf.dispose(outputs),
    );
    totals.addTokens(batch, ntp!);
    if (nap && rank) totals.addSentences(batch, nap, rank);
  }
  return totals.report();
}

const measure = jit((model: PlannedModel, batch: PlanTensors, rule: PlanRule) => {
  const { ntp, nap, planLogits } = planningLosses(model, batch, rule);
  return nap && planLogits ? [ntp, nap, ranks(planLogits, batch.actions)] : [ntp];
});

/** The place of the true action among the logits, 1 being the first; `[B, S]`. */
function ranks(logits: tf.Tensor3D, actions: tf.Tensor2D): tf.Tensor {
  const truth = oneHot<tf.Tensor3D>(actions, logits.shape[2]);
  const own = tf.sum(tf.mul(logits, truth), 2, true);
  return tf.sum(tf.cast(tf.greaterEqual(logits, own), "float32"), 2);
}

/** Adds the losses of every batch up: by document, and by the token's place in its sentence. */
function accumulator({ documents }: PlanCorpus, source: PlanSource) {
  const plans = documents.map(planIndexPerToken);
  const tokens = documents.map(() => new TokenNll());
  const sentences = documents.map(() => new TokenNll());
  const places: TokenNll[] = [];
  const ranked = { sum: 0, first: 0 };

  return {
    addTokens(batch: PlanBatch, ntp: ArrayLike<number>): void {
      const { length } = batch.shape;
      batch.lossMask.forEach((counts, at) => {
        if (counts === 0) return;
        const document = batch.document[Math.floor(at / length)]!;
        const position = batch.start[Math.floor(at / length)]! + (at % length);
        const place = position + 1 - documents[document]!.sentenceStart[plans[document]![position]!]!;
        while (places.length <= place) places.push(new TokenNll());
        tokens[document]!.add(-ntp[at]!);
        places[place]!.add(-ntp[at]!);
      });
    },
    addSentences(batch: PlanBatch, nap: ArrayLike<number>, rank: ArrayLike<number>): void {
      batch.actionMask.forEach((counts, at) => {
        if (counts === 0) return;
        sentences[batch.document[Math.floor(at / batch.shape.sentences)]!]!.add(-nap[at]!);
        ranked.sum += rank[at]!;
        ranked.first += rank[at] === 1 ? 1 : 0;
      });
    },
    report(): PlanEvaluation {
      const plain = ({ sum, count }: NllSum) => ({ sum, count });
      const all = mergeNll(tokens);
      const planned = mergeNll(sentences);
      const { count } = planned;
      const nap = () => ({
        loss: meanNll(planned),
        accuracy: ranked.first / count,
        meanRank: ranked.sum / count,
        documents: sentences.map(plain),
      });
      return {
        source,
        upperBound: source === "oracle",
        nll: meanNll(all),
        perplexity: perplexity(all),
        tokens: all.count,
        documents: tokens.map(plain),
        byTokenInSentence: places.map(plain),
        ...(count > 0 && { nap: nap() }),
      };
    },
  };
}
