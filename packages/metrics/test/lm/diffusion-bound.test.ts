import { createRng } from "@x/core";
import { diffusionNllBound, type MaskedSample, stratifiedMaskCounts } from "@x/metrics/lm";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const bits = (mask: number) => mask.toString(2).replaceAll("0", "").length;

/** All masks of `masked` of `length` tokens, with the cross-entropy of each masked token given the mask. */
function allMasks(
  length: number,
  masked: number,
  crossEntropy: (token: number, mask: number) => number,
): MaskedSample[] {
  const samples: MaskedSample[] = [];
  for (let mask = 0; mask < 2 ** length; mask++) {
    if (bits(mask) !== masked) continue;
    let ceSum = 0;
    for (let i = 0; i < length; i++) if ((mask >> i) & 1) ceSum += crossEntropy(i, mask);
    samples.push({ ceSum, masked, length });
  }
  return samples;
}

describe("diffusionNllBound", () => {
  it("equals the exact NLL of independent tokens for every mask size", () => {
    const rng = createRng("independent");
    for (const length of [1, 4, 10]) {
      const nats = Array.from({ length }, () => -Math.log(rng.float()));
      const exact = nats.reduce((a, b) => a + b, 0);
      for (let masked = 1; masked <= length; masked++)
        expectClose(diffusionNllBound(allMasks(length, masked, (i) => nats[i]!)).mean, exact, { rtol: 1e-12 });
    }
  });

  it("equals the exact NLL of dependent tokens when the conditionals belong to one joint distribution", () => {
    const length = 5;
    const rng = createRng("joint");
    const weights = Array.from({ length: 2 ** length }, () => rng.float());
    const total = weights.reduce((a, b) => a + b, 0);
    const x = 0b10110;
    // p(xᵢ | the tokens outside the mask): sum the joint over all completions of the mask.
    const agreeing = (fixed: number) => weights.reduce((sum, w, y) => sum + (((x ^ y) & fixed) === 0 ? w : 0), 0);
    const crossEntropy = (i: number, mask: number) => {
      const visible = (2 ** length - 1) & ~mask;
      return -Math.log(agreeing(visible | (1 << i)) / agreeing(visible));
    };
    let bound = 0;
    for (let masked = 1; masked <= length; masked++)
      bound += diffusionNllBound(allMasks(length, masked, crossEntropy)).mean / length;
    expectClose(bound, -Math.log(weights[x]! / total), { rtol: 1e-12 });
  });

  it("reports the standard error of the mean", () => {
    const samples = [3, 5, 10].map((ceSum) => ({ ceSum, masked: 2, length: 4 })); // estimates 6, 10, 20
    const { mean, standardError } = diffusionNllBound(samples);
    expectClose(mean, 12, { rtol: 1e-14 });
    expectClose(standardError, Math.sqrt((36 + 4 + 64) / 2 / 3), { rtol: 1e-14 });
    expect(diffusionNllBound(samples.slice(0, 1)).standardError).toBeNaN();
  });

  it("names the sample and value that it refuses", () => {
    const good = { ceSum: 1, masked: 1, length: 2 };
    expectValueError(() => diffusionNllBound([]), { argument: "samples", value: 0 });
    expectValueError(() => diffusionNllBound([good, { ...good, ceSum: Number.NaN }]), {
      argument: "samples",
      index: 1,
    });
    expectValueError(() => diffusionNllBound([{ ...good, masked: 0 }]), { argument: "samples", index: 0, value: 0 });
    expectValueError(() => diffusionNllBound([{ ...good, masked: 3 }]), { argument: "samples", index: 0, value: 3 });
    expectValueError(() => diffusionNllBound([{ ...good, length: 1.5 }]), {
      argument: "samples",
      index: 0,
      value: 1.5,
    });
  });
});

describe("stratifiedMaskCounts", () => {
  it("takes every count equally often when the batch is a multiple of the length", () => {
    const counts = stratifiedMaskCounts(5, 15, createRng(0));
    for (let l = 1; l <= 5; l++) expect(counts.filter((count) => count === l)).toHaveLength(3);
  });

  it("spreads a smaller batch evenly around the circle", () => {
    for (let seed = 0; seed < 20; seed++) {
      const sorted = stratifiedMaskCounts(12, 4, createRng(seed)).sort();
      expect(sorted.map((count) => count - sorted[0]!)).toEqual(Int32Array.of(0, 3, 6, 9));
    }
  });

  it("is uniform in each entry, also where the spacing is not an integer", () => {
    // Over the length's possible values of u every entry takes every count once.
    const seen = Array.from({ length: 4 }, () => new Map<number, Set<string>>());
    for (let seed = 0; seed < 300; seed++) {
      const counts = stratifiedMaskCounts(7, 4, createRng(seed));
      counts.forEach((count, i) => {
        const partners = seen[i]!.get(count) ?? new Set<string>();
        seen[i]!.set(count, partners.add(counts.join(",")));
      });
    }
    for (const entry of seen) {
      expect([...entry.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
      for (const rows of entry.values()) expect(rows.size).toBe(1);
    }
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => stratifiedMaskCounts(0, 1, createRng(0)), { argument: "length", value: 0 });
    expectValueError(() => stratifiedMaskCounts(3, 1.5, createRng(0)), { argument: "batch", value: 1.5 });
  });
});
