import * as tf from "@tensorflow/tfjs-core";
import { createRng, type Rng, StateError, ValueError } from "@x/core";
import { type Selection, select } from "@x/soft-select";
import type { ActionAdapter } from "./adapter.js";
import { breathe } from "./breathe.js";
import { beginToken, checkEmbedder, joinTokens, planIndexPerToken } from "./corpus.js";
import { openReader } from "./planned-reader.js";
import type { Planner } from "./planner.js";
import type { ConditionableLM, Segmenter, SentenceEmbedder, TokenizerLike } from "./types.js";

/** What writes: the model, its adapter and planner, and what turns text into tokens and vectors as in the corpus. */
export interface PlannedWriter {
  readonly lm: ConditionableLM;
  readonly adapter: ActionAdapter;
  readonly planner: Planner;
  readonly tokenizer: TokenizerLike;
  readonly segmenter: Segmenter;
  readonly embedder: SentenceEmbedder;
  /** From `sentenceEndTokens` of the training corpus. */
  readonly endTokens: ReadonlySet<number>;
}

/** Options of {@link generatePlanned}. */
export interface GeneratePlannedOptions {
  readonly maxNewTokens: number;
  /** How logits become a plan; nothing is drawn. Default `{ kind: "soft" }`. */
  readonly selection?: Selection;
  /** Of the tokens; 0 takes the likeliest. Default 1. */
  readonly temperature?: number;
  /**
   * Reads the last so many tokens anew for every token instead of keeping a cache: for texts that grow longer than the
   * model reads. Default: a cache, or the whole text where the model has none.
   */
  readonly contextLength?: number;
  readonly seed: number | string;
  readonly signal?: AbortSignal;
}

/** A token as it is written. */
export interface PlannedToken {
  readonly token: number;
  /** What the token adds to the text; empty while a character is incomplete. */
  readonly text: string;
  /** The plan it was written under: the sentence's number in the document, the weights, the action of the largest. */
  readonly plan: { readonly sentence: number; readonly action: number; readonly weights: Float32Array };
}

/**
 * Continues a prompt sentence by sentence: at each sentence end the planner reads the sentences so far, and the
 * language model writes the next one under that plan.
 *
 * A token of `endTokens` ends a sentence. The next plan is made after that token is drawn and **before** it is fed: by
 * the shift rule of training the last token of a sentence carries the next plan. Ends after `maxNewTokens`, or at the
 * model's end token, which is not yielded.
 *
 * @param prompt - may be empty; a last sentence that does not end in an end token is continued.
 * @throws StateError when embedder, planner and adapter do not belong together.
 * @throws ValueError when `maxNewTokens` or `contextLength` is no integer ≥ 1 or the temperature is negative.
 * @throws AbortedError when the signal fires.
 * @paper 2404.00614 generation
 */
export async function* generatePlanned(
  writer: PlannedWriter,
  prompt: string,
  options: GeneratePlannedOptions,
): AsyncGenerator<PlannedToken, void, undefined> {
  const { lm, planner, tokenizer, embedder, endTokens } = writer;
  const { maxNewTokens, temperature = 1, contextLength, selection = { kind: "soft" }, seed, signal } = options;
  check(writer, options);
  const rng = createRng(seed);

  const { tokens, vectors, sentenceStart } = await readPrompt(writer, prompt, signal);
  const plans = plansAfter(planner, vectors, selection);
  const planOfToken = planIndexPerToken({ tokens, sentenceStart });
  const reader = openReader(writer, { length: tokens.length + maxNewTokens, contextLength });
  try {
    let plan = plans.at(-1)!;
    let sentence = [...tokens.subarray(sentenceStart.at(-1)!)];
    let logits = await reader.read(
      tokens,
      Array.from(planOfToken, (s) => plans[s]!),
    );
    // Text is decoded from the token before the new ones, as some tokenizers write the first one without its space.
    const all = [tokens.at(-1)!];
    let shown = tokenizer.decode(Int32Array.from(all)).length;
    for (let written = 1; written <= maxNewTokens; written++) {
      await breathe(signal);
      const token = draw(logits.subarray(0, tokenizer.vocabSize), temperature, rng);
      if (token === lm.eosId) return;
      all.push(token);
      sentence.push(token);
      const soFar = tokenizer.decode(Int32Array.from(all));
      const added = soFar.endsWith("\uFFFD") && written < maxNewTokens ? "" : soFar.slice(shown);
      shown += added.length;
      yield { token, text: added, plan: { sentence: vectors.length, action: likeliest(plan), weights: plan } };

      if (endTokens.has(token)) {
        const ended = tokenizer.decode(Int32Array.from(sentence));
        vectors.push(await embedder.embed([ended], { ...(signal && { signal }) }));
        plan = plansAfter(planner, vectors.slice(-planner.reach - 1), selection).at(-1)!;
        sentence = [];
      }
      if (written < maxNewTokens) logits = await reader.read([token], [plan]);
    }
  } finally {
    reader.dispose();
  }
}

/** The tokens of a prompt, the vectors of its finished sentences, and where each sentence and the one to write begin. */
async function readPrompt(
  { tokenizer, segmenter, embedder, endTokens }: PlannedWriter,
  prompt: string,
  signal: AbortSignal | undefined,
) {
  const sentences = segmenter.segment(prompt);
  const { tokens, sentenceStart } = joinTokens(
    beginToken("generatePlanned", tokenizer),
    sentences,
    tokenizer,
    "generatePlanned: the prompt",
  );
  const finished = sentences.length === 0 || endTokens.has(tokens.at(-1)!);
  const complete = finished ? sentences : sentences.slice(0, -1);
  const all =
    complete.length === 0 ? new Float32Array(0) : await embedder.embed(complete, { ...(signal && { signal }) });
  return {
    tokens,
    vectors: complete.map((_, s) => all.subarray(s * embedder.dim, (s + 1) * embedder.dim)),
    sentenceStart: finished ? Int32Array.of(...sentenceStart, tokens.length) : sentenceStart,
  };
}

/** The plans of the first sentence, and of the one behind each vector: `vectors.length + 1` rows of K weights. */
function plansAfter(planner: Planner, vectors: readonly Float32Array[], selection: Selection): Float32Array[] {
  const { dim, actions } = planner.codebook;
  const rows = vectors.length + 1;
  const flat = new Float32Array(rows * dim);
  vectors.forEach((vector, i) => {
    flat.set(vector, (i + 1) * dim);
  });
  const weights = tf.tidy(() => {
    const mask = tf.tensor2d(
      Float32Array.from({ length: rows }, (_, i) => (i === 0 ? 0 : 1)),
      [1, rows],
    );
    const logits = planner.logits(tf.tensor3d(flat, [1, rows, dim]), mask);
    return select(logits, selection, { training: false }).weights.dataSync() as Float32Array;
  });
  return Array.from({ length: rows }, (_, i) => weights.slice(i * actions, (i + 1) * actions));
}

function draw(logits: Float32Array, temperature: number, rng: Rng): number {
  const best = likeliest(logits);
  if (temperature === 0) return best;
  return rng.categorical(logits.map((z) => Math.exp((z - logits[best]!) / temperature)));
}

function likeliest(scores: Float32Array): number {
  return scores.reduce((best, score, i) => (score > scores[best]! ? i : best), 0);
}

function check({ adapter, planner, embedder }: PlannedWriter, options: GeneratePlannedOptions): void {
  checkEmbedder("generatePlanned", planner.codebook, embedder);
  if (adapter.codebook.id !== planner.codebook.id)
    throw new StateError(
      `generatePlanned: adapter and planner must be of one codebook, got ${adapter.codebook.id} and ${planner.codebook.id}`,
    );
  const { maxNewTokens, contextLength = 1, temperature = 1 } = options;
  for (const [argument, value] of Object.entries({ maxNewTokens, contextLength }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new ValueError(`generatePlanned: ${argument} must be an integer ≥ 1, got ${value}`, { argument, value });
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    throw new ValueError(`generatePlanned: temperature must be finite and ≥ 0, got ${temperature}`, {
      argument: "temperature",
      value: temperature,
    });
}
