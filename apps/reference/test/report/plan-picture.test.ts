import * as tf from "@tensorflow/tfjs-core";
import { Planner } from "@x/planner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PreparedCorpus, prepareCorpus } from "../../src/corpus.js";
import { planPicture } from "../../src/report/plan-picture.js";
import { tinyTexts } from "../tiny.js";

let corpus: PreparedCorpus;
let planner: Planner;
beforeAll(async () => {
  const texts = { train: tinyTexts(6, { sentences: 15 }), test: tinyTexts(2) };
  corpus = await prepareCorpus(texts, { vocabulary: 260, actions: 3, embedding: 4, seed: 1 });
  planner = Planner.create(corpus.codebook, { hidden: 8, seed: 1 });
});
afterAll(() => planner.dispose());

describe("planPicture", () => {
  it("shows each sentence under a cell for each action whose probabilities sum to 1, the written one framed", async () => {
    const document = corpus.test.documents[0]!;
    const before = tf.memory().numTensors;
    const strips = (await planPicture(planner, document, corpus.tokenizer)).split("\n");
    expect(tf.memory().numTensors).toBe(before);
    expect(strips).toHaveLength(4);
    expect(strips.map((strip) => /<p>(.*)<\/p>/.exec(strip)?.[1]).join(" ")).toBe(tinyTexts(2)[0]);
    for (const [s, strip] of strips.entries()) {
      const probs = [...strip.matchAll(/fill-opacity="([\d.]+)"/g)].map(([, p]) => Number(p));
      expect(probs).toHaveLength(3);
      expect(probs.reduce((a, b) => a + b)).toBeCloseTo(1, 2);
      const own = document.actions[s]!;
      expect(strip).toContain(`<rect x="${own + 0.06}" y="0.06" width="0.88"`);
      const [, planned, percent] = /planned (\d) \((\d+) %\), written/.exec(strip)!;
      expect(probs[Number(planned)]).toBe(Math.max(...probs));
      expect(Number(percent) / 100).toBeCloseTo(Math.max(...probs), 1);
      expect(strip).toContain(`written ${own} (`);
    }
  });

  it("shows twelve sentences at most, with the probabilities that the whole document gives them", async () => {
    const document = corpus.train.documents[0]!;
    const { sentenceVectors } = document;
    expect(document.actions).toHaveLength(15);
    const whole = tf.tidy(() => {
      const before = new Float32Array(15 * 4);
      before.set(sentenceVectors.subarray(0, 14 * 4), 4);
      const known = tf.tensor2d([0, ...Array<number>(14).fill(1)], [1, 15]);
      return tf.softmax(planner.logits(tf.tensor3d(before, [1, 15, 4]), known)).dataSync();
    });
    const picture = await planPicture(planner, document, corpus.tokenizer);
    expect(picture.split("\n")).toHaveLength(12);
    const shown = [...picture.matchAll(/fill-opacity="([\d.]+)"/g)].map(([, p]) => Number(p));
    expect(shown).toHaveLength(36);
    for (const [i, p] of shown.entries()) expect(p).toBeCloseTo(whole[i]!, 2);
  });

  it("shows hostile text as text", async () => {
    const evil = { ...corpus.tokenizer, decode: () => `<script>alert("1")</script>` };
    const picture = await planPicture(planner, corpus.test.documents[0]!, evil);
    expect(picture).not.toContain("<script");
    expect(picture).toContain("&#60;script&#62;");
  });
});
