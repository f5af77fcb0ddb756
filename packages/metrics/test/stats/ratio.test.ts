import { AbortedError, createRng } from "@x/core";
import {
  bootstrap,
  bootstrapRatio,
  bootstrapRatioAsync,
  pairedBootstrap,
  pairedBootstrapRatio,
  pairedBootstrapRatioAsync,
} from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const sums = [4.5, 2, 9, 0.5, 7, 3];
const counts = [3, 2, 5, 1, 4, 2];

describe("bootstrapRatio", () => {
  it("is the bootstrap of the mean when every count is 1, and scales with the counts", () => {
    const mean = bootstrap(sums, { seed: 2 });
    const ones = sums.map(() => 1);
    const found = bootstrapRatio({ sums, counts: ones }, { seed: 2 });
    expectClose([found.point, found.low, found.high], [mean.point, mean.low, mean.high], { rtol: 1e-12 });
    const tens = bootstrapRatio({ sums, counts: ones.map(() => 10) }, { seed: 2 });
    expectClose([tens.point, tens.low, tens.high], [mean.point / 10, mean.low / 10, mean.high / 10], { rtol: 1e-12 });
  });

  it("weighs units by their counts", () => {
    expectClose(bootstrapRatio({ sums: [1, 90], counts: [1, 9] }).point, 9.1, { rtol: 1e-12 });
  });

  it("transforms the percentile limits of nats into those of perplexity", () => {
    const nats = bootstrapRatio({ sums, counts }, { method: "percentile", reps: 999, level: 0.9 });
    const found = bootstrapRatio(
      { sums, counts },
      { method: "percentile", reps: 999, level: 0.9, transform: Math.exp },
    );
    // 999 replicates: the limits at 5 % and 95 % of the way lie within an order statistic of each other's images.
    expectClose([found.point, found.low, found.high], [nats.point, nats.low, nats.high].map(Math.exp), { rtol: 1e-3 });
  });

  it("covers the ratio of expectations in 92–97 % of experiments with documents of unequal length", () => {
    // Lengths c uniform in 1 … 40, nats c·(2 + 0.02·c + noise): Σ nats / Σ c → 2 + 0.02·E[c²]/E[c] = 2 + 0.02·553.5/20.5.
    const truth = 2.54;
    let covered = 0;
    for (let k = 0; k < 1000; k++) {
      const rng = createRng(`documents ${k}`);
      const lengths = Float64Array.from({ length: 80 }, () => 1 + rng.int(40));
      const nats = lengths.map((c) => c * (2 + 0.02 * c + 0.5 * rng.normal()));
      const { low, high } = bootstrapRatio({ sums: nats, counts: lengths }, { seed: k, reps: 500 });
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered).toBeGreaterThan(920);
    expect(covered).toBeLessThan(970);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => bootstrapRatio({ sums, counts: [1] }), { argument: "units.counts", value: 1 });
    expectValueError(() => bootstrapRatio({ sums: [1, 2], counts: [1, -2] }), {
      argument: "units.counts",
      index: 1,
      value: -2,
    });
    expectValueError(() => bootstrapRatio({ sums: [1, 2], counts: [0, 0] }), { argument: "units.counts", value: 0 });
    expectValueError(() => bootstrapRatio({ sums: [Number.NaN, 2], counts: [1, 1] }), {
      argument: "units.sums",
      index: 0,
    });
    expectValueError(() => bootstrapRatio({ sums: [1], counts: [1] }), { argument: "values", value: 1 });
    expectValueError(() => bootstrapRatio({ sums: [1, 2], counts: [0, 1] }), { argument: "statistic" });
  });
});

describe("pairedBootstrapRatio", () => {
  it("is the paired bootstrap of the means when every count is 1", () => {
    const other = [4, 2.5, 8, 1, 7.5, 1];
    const ones = sums.map(() => 1);
    const found = pairedBootstrapRatio({ sums, counts: ones }, { sums: other, counts: ones }, { seed: 3 });
    const expected = pairedBootstrap(sums, other, { seed: 3 });
    expectClose([found.point, found.low, found.high], [expected.point, expected.low, expected.high], { atol: 1e-12 });
  });

  it("resamples both sides alike: a model that is 0.1 nats worse on each token is so on every resample", () => {
    const worse = sums.map((s, i) => s + 0.1 * counts[i]!);
    const found = pairedBootstrapRatio({ sums: worse, counts }, { sums, counts });
    expectClose([found.point, found.low, found.high], [0.1, 0.1, 0.1], { atol: 1e-12 });
  });

  it("gives the difference of perplexities through the transform", () => {
    const better = sums.map((s) => s * 0.9);
    const found = pairedBootstrapRatio({ sums: better, counts }, { sums, counts }, { transform: Math.exp });
    expectClose(found.point, Math.exp((26 * 0.9) / 17) - Math.exp(26 / 17), { rtol: 1e-12 });
    expect(found.high).toBeLessThan(0);
  });

  it("allows another unit of counting on either side", () => {
    const found = pairedBootstrapRatio({ sums, counts }, { sums, counts: counts.map((c) => 2 * c) });
    expectClose(found.point, 26 / 17 - 26 / 34, { rtol: 1e-12 });
  });

  it("refuses different numbers of units", () => {
    expectValueError(() => pairedBootstrapRatio({ sums, counts }, { sums: [1, 2], counts: [1, 2] }), {
      argument: "b.sums",
      value: 2,
    });
  });
});

describe("bootstrapRatioAsync and pairedBootstrapRatioAsync", () => {
  const other = { sums: sums.map((s) => s + 1), counts };
  const options = { transform: Math.exp, seed: 5 };

  it("give the interval of their twins, bit by bit", async () => {
    expect(await bootstrapRatioAsync({ sums, counts }, options)).toEqual(bootstrapRatio({ sums, counts }, options));
    expect(await pairedBootstrapRatioAsync({ sums, counts }, other, options)).toEqual(
      pairedBootstrapRatio({ sums, counts }, other, options),
    );
  });

  it("stop at the signal", async () => {
    const signal = AbortSignal.abort();
    await expect(bootstrapRatioAsync({ sums, counts }, { signal })).rejects.toBeInstanceOf(AbortedError);
    await expect(pairedBootstrapRatioAsync({ sums, counts }, other, { signal })).rejects.toBeInstanceOf(AbortedError);
  });

  it("reject what their twins refuse", async () => {
    await expect(bootstrapRatioAsync({ sums, counts: [1] })).rejects.toMatchObject({
      argument: "units.counts",
      value: 1,
    });
    await expect(bootstrapRatioAsync({ sums, counts: [1] })).rejects.toThrow(/^bootstrapRatioAsync: /);
    const short = { sums: [1, 2], counts: [1, 2] };
    await expect(pairedBootstrapRatioAsync({ sums, counts }, short)).rejects.toMatchObject({
      argument: "b.sums",
      value: 2,
    });
  });
});
