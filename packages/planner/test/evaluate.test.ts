import * as tf from "@tensorflow/tfjs-core";
import { AbortedError, ConfigError } from "@x/core";
import type { NllSum } from "@x/metrics/lm";
import { beforeAll, describe, expect, it } from "vitest";
import type { PlanCorpus } from "../src/corpus.js";
import { type EvaluateOptions, evaluatePlanning } from "../src/evaluate.js";
import { expectClose } from "./expect-close.js";
import { tinyModel, tinyWorld } from "./tiny.js";

let corpus: PlanCorpus;
let model: ReturnType<typeof tinyModel>;
beforeAll(async () => {
  ({ corpus } = await tinyWorld({ stories: 5 }));
  model = tinyModel(corpus);
  // Plans far apart and loud, so that a wrong one shows.
  for (const variable of model.adapter.projections.values()) variable.assign(tf.tidy(() => tf.mul(variable, 20)));
});
const evaluate = (options: EvaluateOptions, data = corpus) =>
  evaluatePlanning(model, data, { length: 64, batchSize: 2, ...options });
const total = (sums: readonly NllSum[]) => sums.reduce((all, s) => all + s.sum, 0);
const count = (sums: readonly NllSum[]) => sums.reduce((all, s) => all + s.count, 0);

/** The corpus with document 0 changed. */
function edited(change: (document: PlanCorpus["documents"][number]) => void): PlanCorpus {
  const copies = corpus.documents.map(({ tokens, sentenceStart, sentenceVectors, actions }) => ({
    tokens: tokens.slice(),
    sentenceStart: sentenceStart.slice(),
    sentenceVectors: sentenceVectors.slice(),
    actions: actions.slice(),
  }));
  change(copies[0]!);
  return { ...corpus, documents: copies };
}

describe("evaluatePlanning", () => {
  it("sums −log p of each next token, each document on its own", async () => {
    const { documents, nll, perplexity, tokens } = await evaluate({ source: "none" });
    const byHand = corpus.documents.map(({ tokens: t }) =>
      tf.tidy(() => {
        const n = t.length - 1;
        const logits = model.lm.logits(tf.tensor2d(t.slice(0, n), [1, n], "int32"));
        const logprobs = tf.logSoftmax(logits).dataSync();
        return Array.from({ length: n }, (_, i) => -logprobs[i * 99 + t[i + 1]!]!).reduce((a, b) => a + b);
      }),
    );
    expectClose(
      documents.map((d) => d.sum),
      byHand,
      { rtol: 1e-5 },
    );
    expect(documents.map((d) => d.count)).toEqual(corpus.documents.map((d) => d.tokens.length - 1));
    expect(tokens).toBe(count(documents));
    expect(nll).toBeCloseTo(total(documents) / tokens, 12);
    expect(perplexity).toBeCloseTo(Math.exp(nll), 12);
  });

  it("splits the same sum by the token's place in its sentence", async () => {
    const { documents, byTokenInSentence } = await evaluate({ source: "planner" });
    expect(total(byTokenInSentence)).toBeCloseTo(total(documents), 6);
    const lengths = corpus.documents.flatMap(({ tokens, sentenceStart }) =>
      Array.from(sentenceStart, (start, s) => (sentenceStart[s + 1] ?? tokens.length) - start),
    );
    expect(byTokenInSentence.map((place) => place.count)).toEqual(
      Array.from({ length: Math.max(...lengths) }, (_, place) => lengths.filter((length) => length > place).length),
    );
  });

  it("measures the planner's cross-entropy, accuracy and the mean place of the true action", async () => {
    const { nap } = await evaluate({ source: "planner" });
    const rows = corpus.documents.flatMap(({ sentenceVectors, actions }) =>
      tf.tidy(() => {
        const [S, D] = [actions.length, 6];
        const shifted = new Float32Array(S * D);
        shifted.set(sentenceVectors.subarray(0, (S - 1) * D), D);
        const mask = Float32Array.from(actions, (_, s) => Math.min(s, 1));
        const logits = model.planner.logits(tf.tensor3d(shifted, [1, S, D]), tf.tensor2d(mask, [1, S]));
        const logprobs = tf.logSoftmax(logits).dataSync();
        return Array.from(actions, (a, s) => {
          const row = [...logprobs.slice(4 * s, 4 * s + 4)];
          return { loss: -row[a]!, rank: row.filter((z) => z >= row[a]!).length };
        });
      }),
    );
    const mean = (f: (row: { loss: number; rank: number }) => number) =>
      rows.reduce((sum, r) => sum + f(r), 0) / rows.length;
    expect(nap!.loss).toBeCloseTo(
      mean((r) => r.loss),
      5,
    );
    expect(nap!.meanRank).toBeCloseTo(
      mean((r) => r.rank),
      10,
    );
    expect(nap!.accuracy).toBeCloseTo(
      mean((r) => (r.rank === 1 ? 1 : 0)),
      10,
    );
    expect(count(nap!.documents)).toBe(rows.length);
    expect((await evaluate({ source: "uniform" })).nap).toBeUndefined();
  });

  it("counts ties against the true action", async () => {
    const planner = model.planner;
    const saved = [...planner.variables.values()].map((v) => v.clone());
    for (const name of ["head.scale", "head.bias"])
      planner.variables.get(name)!.assign(tf.tidy(() => tf.zerosLike(planner.variables.get(name)!)));
    const { nap } = await evaluate({ source: "planner" });
    expect(nap).toMatchObject({ accuracy: 0, meanRank: 4 });
    expect(nap!.loss).toBeCloseTo(Math.log(4), 5);
    [...planner.variables.values()].forEach((v, i) => {
      v.assign(saved[i]!);
      saved[i]!.dispose();
    });
  });

  it("gives the same numbers for any batch size, and the same plans for any chunk", async () => {
    const whole = await evaluate({ source: "planner" });
    const other = await evaluate({ source: "planner", batchSize: 4 });
    expectClose(
      other.documents.map((d) => d.sum),
      whole.documents.map((d) => d.sum),
      { rtol: 1e-6 },
    );
    const cut = await evaluate({ source: "planner", length: 6 });
    expect(cut.nap!.loss).toBeCloseTo(whole.nap!.loss, 5);
    expect(cut.tokens).toBe(whole.tokens);
    expect(Math.abs(cut.nll - whole.nll)).toBeGreaterThan(1e-5); // the language model sees less
  });

  it("with stride 1 gives each token the last `length` tokens", async () => {
    const { documents } = await evaluate({ source: "none", length: 5, stride: 1 });
    const { tokens } = corpus.documents[0]!;
    let sum = 0;
    for (let t = 1; t < tokens.length; t++)
      sum += tf.tidy(() => {
        const context = tokens.slice(Math.max(0, t - 5), t);
        const logits = model.lm.logits(tf.tensor2d(context, [1, context.length], "int32"));
        return -tf.logSoftmax(logits).dataSync()[(context.length - 1) * 99 + tokens[t]!]!;
      });
    expect(documents[0]!.sum).toBeCloseTo(sum, 3);
    expect(documents[0]!.count).toBe(tokens.length - 1);
  });

  it("sees no future: what the last sentence is changes no plan, and a true plan only its own sentence", async () => {
    const before = await evaluate({ source: "planner" });
    const revectored = edited(({ sentenceVectors, actions }) => {
      sentenceVectors.fill(0.7, sentenceVectors.length - 6);
      actions[actions.length - 1] = (actions.at(-1)! + 1) % 4;
    });
    expect((await evaluate({ source: "planner" }, revectored)).documents).toEqual(before.documents);
    const first = corpus.documents[0]!;
    const sums = async (data: PlanCorpus) => {
      const start = first.sentenceStart.at(-1)!;
      const shorter = {
        ...data,
        documents: [{ ...data.documents[0]!, tokens: data.documents[0]!.tokens.slice(0, start) }],
      };
      return (await evaluate({ source: "oracle" }, shorter)).documents[0]!.sum;
    };
    expect(await sums(revectored)).toBe(await sums(corpus));
    const secondLast = edited(({ actions }) => {
      actions[actions.length - 2] = (actions.at(-2)! + 1) % 4;
    });
    expect(await sums(secondLast)).not.toBe(await sums(corpus));
  });

  it("marks true plans as an upper bound, and tells hard from soft and one temperature from another", async () => {
    expect((await evaluate({ source: "oracle" })).upperBound).toBe(true);
    const soft = await evaluate({ source: "planner" });
    expect(soft.upperBound).toBe(false);
    const hard = await evaluate({ source: "planner", selection: { kind: "hard" } });
    const cold = await evaluate({ source: "planner", selection: { kind: "soft", temperature: 1e-4 } });
    expect(Math.abs(hard.nll - soft.nll)).toBeGreaterThan(1e-5);
    expect(cold.nll).toBeCloseTo(hard.nll, 5);
    const sampled = { source: "planner", selection: { kind: "sampled" } } as const;
    expect((await evaluate(sampled)).nll).toBeCloseTo(hard.nll, 10); // nothing is drawn
  });

  it("stops at its signal, names what is missing, and leaves no tensors behind", async () => {
    const tensors = tf.memory().numTensors;
    await evaluate({ source: "planner" });
    await expect(evaluate({ source: "none", signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    await expect(evaluate({ source: "none", batchSize: 1, signal: AbortSignal.timeout(1) })).rejects.toThrow(
      AbortedError,
    );
    expect(tf.memory().numTensors).toBe(tensors);
    await expect(evaluatePlanning({ lm: model.lm }, corpus, { source: "oracle" })).rejects.toThrow(ConfigError);
  });
});
