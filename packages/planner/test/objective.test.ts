import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, StateError } from "@x/core";
import { valueAndGrad } from "@x/runtime";
import { gumbelNoise, type Selection } from "@x/soft-select";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codebookOf } from "../src/actions.js";
import { planChunks } from "../src/chunks.js";
import type { PlanCorpus } from "../src/corpus.js";
import {
  checkModel,
  maskedMean,
  type PlannedModel,
  type PlanRule,
  type PlanTensors,
  planningLosses,
  planTensors,
  planWeights,
} from "../src/objective.js";
import { Planner } from "../src/planner.js";
import { expectClose } from "./expect-close.js";
import { tinyModel, tinyWorld } from "./tiny.js";

let corpus: PlanCorpus;
let model: ReturnType<typeof tinyModel>;
let batch: PlanTensors;
beforeAll(async () => {
  ({ corpus } = await tinyWorld({ stories: 3, sentences: 3 }));
  model = tinyModel(corpus);
  const chunks = planChunks(corpus, { length: 24, batchSize: 2, reach: model.planner.reach });
  batch = planTensors(chunks.batch(0), { temperature: 0.7, oracleProbability: 0.4, key: 5 });
});
afterAll(() => {
  model.dispose();
  tf.dispose(batch);
});

const rule = (changes: Partial<PlanRule> = {}): PlanRule => ({
  source: "planner",
  selection: { kind: "soft" },
  training: true,
  ...changes,
});
const soft: Selection = { kind: "soft" };
const ntp = (r: PlanRule) => tf.tidy(() => planningLosses(model, batch, r).ntp.dataSync().slice());
const ntpLoss =
  (r: PlanRule, planned: PlannedModel = model) =>
  () =>
    tf.tidy(() => maskedMean(planningLosses(planned, batch, r).ntp, batch.lossMask) as tf.Scalar);

describe("planWeights", () => {
  const weights = (logits: tf.Tensor3D, r: PlanRule) => planWeights(logits, batch, r).dataSync().slice();

  it("is softmax(logits / τ) for a soft selection and its argmax for a hard one", () => {
    tf.tidy(() => {
      const logits = model.planner.logits(batch.vectors, batch.vectorMask);
      expectClose(weights(logits, rule()), tf.softmax(tf.div(logits, 0.7)).dataSync(), { atol: 1e-6 });
      const hard = weights(logits, rule({ selection: { kind: "hard" } }));
      const best = tf.argMax(logits, 2).dataSync();
      hard.forEach((w, i) => {
        expect(w).toBe(best[Math.floor(i / 4)] === i % 4 ? 1 : 0);
      });
    });
  });

  it("is one-hot of the true action, of action 0, or even, for the other sources", () => {
    tf.tidy(() => {
      const [B, S] = batch.actions.shape;
      const zeros = tf.zeros<tf.Rank.R3>([B, S, 4]);
      const actions = batch.actions.dataSync();
      const rows = Array.from(actions, (a) => [0, 1, 2, 3].map((k) => (k === a ? 1 : 0)));
      expect([...weights(zeros, rule({ source: "oracle" }))]).toEqual(rows.flat());
      expect([...weights(zeros, rule({ source: "fixed" }))]).toEqual(rows.flatMap(() => [1, 0, 0, 0]));
      expectClose(weights(zeros, rule({ source: "uniform" })), Array(rows.length * 4).fill(0.25), { atol: 1e-7 });
    });
  });

  it("draws with the step's key while training: the same for the same key, nothing afterwards", () => {
    tf.tidy(() => {
      const logits = model.planner.logits(batch.vectors, batch.vectorMask);
      const gumbel = rule({ selection: { kind: "gumbel" } });
      const drawn = weights(logits, gumbel);
      expect(weights(logits, gumbel)).toEqual(drawn);
      const other = planWeights(logits, { ...batch, key: tf.scalar(6, "int32") }, gumbel).dataSync();
      expect(other).not.toEqual(drawn);
      expectClose(weights(logits, { ...gumbel, training: false }), weights(logits, rule()), { atol: 1e-6 });
      expect(drawn).not.toEqual(weights(logits, rule()));
    });
  });

  it("blends the true action in: (1 − ε)w + εe, or whole rows of it", () => {
    tf.tidy(() => {
      const logits = model.planner.logits(batch.vectors, batch.vectorMask);
      const own = weights(logits, rule());
      const truth = weights(logits, rule({ source: "oracle" }));
      const blended = own.map((w, i) => 0.6 * w + 0.4 * truth[i]!);
      expectClose(weights(logits, rule({ oracleMode: "convex" })), blended, { atol: 1e-6 });
      const rows = weights(logits, rule({ oracleMode: "bernoulli" }));
      const taken = Array.from({ length: rows.length / 4 }, (_, r) => {
        const same = (from: Float32Array | Int32Array | Uint8Array) =>
          [0, 1, 2, 3].every((k) => rows[4 * r + k] === from[4 * r + k]);
        expect(same(truth) || same(own)).toBe(true);
        return same(truth);
      });
      expect(new Set(taken)).toEqual(new Set([true, false]));
    });
  });
});

describe("planningLosses", () => {
  it("is −log softmax of the next token and of the true action", () => {
    tf.tidy(() => {
      const { ntp: tokens, nap, planLogits } = planningLosses(model, batch, rule());
      const logits = planLogits!.dataSync() as Float32Array;
      const actions = batch.actions.dataSync();
      const byHand = Array.from(actions, (a, s) => {
        const row = logits.slice(4 * s, 4 * s + 4);
        return Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[a]!;
      });
      expectClose(nap!.dataSync(), byHand, { atol: 1e-5 });
      expect(tokens.shape).toEqual(batch.tokens.shape);
    });
  });

  it("of one-hot weights equals that of the hard plan bit for bit; equal logits give the uniform plan", () => {
    const oracle = ntp(rule({ source: "oracle" }));
    expect(ntp(rule({ oracleMode: "convex", selection: { kind: "hard" } }))).not.toEqual(oracle);
    tf.tidy(() => {
      const one = { ...batch, oracleProbability: tf.scalar(1) };
      const mixed = planningLosses(model, one, rule({ oracleMode: "convex", selection: { kind: "hard" } })).ntp;
      expect(mixed.dataSync()).toEqual(oracle);
      const [B, S] = batch.actions.shape;
      const even = planWeights(tf.zeros([B, S, 4]), batch, rule()).dataSync();
      expectClose(even, planWeights(tf.zeros([B, S, 4]), batch, rule({ source: "uniform" })).dataSync(), {
        atol: 1e-7,
      });
    });
  });

  it("has no gradient to the planner for a hard plan", () => {
    const { value, grads } = valueAndGrad(ntpLoss(rule({ selection: { kind: "hard" } })), model.planner.variables);
    for (const [name, grad] of grads) expect(Math.max(...grad.dataSync().map(Math.abs)), name).toBe(0);
    tf.dispose([value, ...grads.values()]);
  });

  it("has the gradient of central differences to every number of a small planner for a soft plan", () => {
    const small = Planner.create(corpus.codebook, { hidden: 2, heads: 1, context: 2, seed: 5 });
    const loss = ntpLoss(rule({ selection: soft }), { ...model, planner: small });
    // Projections of the adapter start small; enlarged, the differences stand out of float32's rounding.
    const scaled = [...model.adapter.projections.values()];
    const scale = (by: number) => tf.tidy(() => scaled.map((v) => v.assign(tf.mul(v, by))));
    scale(8);
    const { value, grads } = valueAndGrad(loss, small.variables);
    let steepest = 0;
    for (const [name, variable] of small.variables) {
      const start = variable.dataSync().slice() as Float32Array;
      const gradient = grads.get(name)!.dataSync();
      for (let i = 0; i < start.length; i++) {
        const at = (shift: number) => {
          const moved = start.slice();
          moved[i]! += shift;
          tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
          return tf.tidy(() => loss().dataSync()[0]!);
        };
        const difference = (at(0.01) - at(-0.01)) / 0.02;
        at(0);
        steepest = Math.max(steepest, Math.abs(difference));
        expect(Math.abs(gradient[i]! - difference), `${name}[${i}]: ${gradient[i]} is not ${difference}`).toBeLessThan(
          1e-4 + 0.01 * Math.abs(difference),
        );
      }
    }
    expect(steepest).toBeGreaterThan(0.01);
    scale(1 / 8);
    tf.dispose([value, ...grads.values()]);
    small.dispose();
  });

  it("gives every plan the same loss in any chunk: cut in two, the tokens have the plans of the whole", () => {
    const whole = planChunks(corpus, { length: 30, batchSize: 1, reach: model.planner.reach });
    const parts = planChunks(corpus, { length: 7, batchSize: 1, reach: model.planner.reach });
    const plansOf = (chunks: typeof whole) =>
      Array.from({ length: chunks.batches }, (_, i) => {
        const host = chunks.batch(i);
        return tf.tidy(() => {
          const tensors = planTensors(host);
          const logits = model.planner.logits(tensors.vectors, tensors.vectorMask).dataSync();
          return [...host.planOfToken]
            .filter((_, t) => host.lossMask[t] === 1)
            .flatMap((row) => [...logits.slice(4 * row, 4 * row + 4)]);
        });
      }).flat();
    expectClose(plansOf(parts), plansOf(whole), { atol: 1e-5 });
  });

  it("leaves no tensors behind", () => {
    const before = tf.memory().numTensors;
    ntp(rule());
    ntp(rule({ source: "none" }));
    ntp(rule({ source: "uniform" }));
    tf.dispose(gumbelNoise([2], createRng(1)));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("checkModel", () => {
  it("names the part that is missing or of other actions", () => {
    const { lm, adapter, planner } = model;
    const check =
      (m: Parameters<typeof checkModel>[1], source: PlanRule["source"], c = corpus) =>
      () =>
        checkModel("f", m, c, source);
    expect(check({ lm }, "none")).not.toThrow();
    expect(check({ lm, adapter }, "uniform")).not.toThrow();
    expect(check({ lm }, "fixed")).toThrow(ConfigError);
    expect(check({ lm, adapter }, "planner")).toThrow('f: source "planner" needs a planner, got none');
    const other = (k: number) => ({ ...corpus, codebook: codebookOf(new Float32Array(k * 6), 6, "e") });
    expect(check({ lm, adapter, planner }, "planner", other(5))).toThrow(ConfigError);
    expect(check({ lm, adapter, planner }, "planner", other(5))).toThrow("as many actions, got 4 and 5");
    expect(check({ lm, adapter, planner }, "planner", other(4))).toThrow(StateError);
  });
});
