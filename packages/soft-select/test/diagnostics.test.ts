import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { selectionDiagnostics, softmax } from "../src/index.js";
import { logitsArbitrary } from "./map-laws.js";

describe("selectionDiagnostics", () => {
  it("equals the numbers worked out by hand", async () => {
    const weights = tf.tensor2d([0.5, 0.5, 0, 0, 1, 0], [2, 3]);
    const report = await selectionDiagnostics(weights);
    expect(report.entropy).toBeCloseTo(Math.LN2 / 2, 6);
    expect(report.effectiveNumber).toBeCloseTo(Math.SQRT2, 6);
    expect(report.supportSize).toBe(1.5);
    expect(report.maxWeight).toBe(0.75);
    expect(report.usagePerplexity).toBeCloseTo(Math.exp(-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75)), 6);
    expect(report.deadCodes).toBe(1);
  });

  it("lies between a single choice and all codes", async () => {
    await fc.assert(
      fc.asyncProperty(logitsArbitrary(), async (z) => {
        const K = z.length;
        const report = await selectionDiagnostics(softmax(tf.tensor2d([z, [...z].reverse()], [2, K])));
        expect(report.entropy).toBeGreaterThanOrEqual(0);
        expect(report.effectiveNumber).toBeLessThanOrEqual(K + 1e-4);
        expect(report.usagePerplexity).toBeGreaterThanOrEqual(report.effectiveNumber - 1e-4);
        expect(report.deadCodes).toBe(K - new Set([argmax(z), K - 1 - argmax(z)]).size);
      }),
    );
  });

  it("does not count rows where nothing is allowed", async () => {
    const one = await selectionDiagnostics(tf.tensor2d([0, 0, 0.25, 0.75], [2, 2]));
    expect(one).toEqual(await selectionDiagnostics(tf.tensor1d([0.25, 0.75])));
    const none = await selectionDiagnostics(tf.zeros([2, 2]));
    expect(none.entropy).toBeNaN();
    expect(none.deadCodes).toBe(2);
  });

  it("leaves no tensor behind", async () => {
    const weights = tf.ones([2, 2]);
    const before = tf.memory().numTensors;
    await selectionDiagnostics(weights);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses weights of rank 0", async () => {
    await expect(selectionDiagnostics(tf.scalar(1))).rejects.toThrow(/selectionDiagnostics: weights must be float32/);
  });
});

const argmax = (z: number[]) => z.indexOf(Math.max(...z));
