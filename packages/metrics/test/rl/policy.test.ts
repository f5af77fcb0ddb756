import { createRng } from "@x/core";
import { clipFraction, exactKl, klEstimate } from "@x/metrics/rl";
import { variance } from "@x/metrics/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const estimators = ["k1", "k2", "k3"] as const;

describe("klEstimate", () => {
  const policy = [0.5, 0.3, 0.15, 0.05].map(Math.log);
  const reference = [0.2, 0.3, 0.4, 0.1].map(Math.log);
  const exact = exactKl(policy, reference);

  it("has the closed-form divergence as its expectation (k1, k3), over all tokens", () => {
    for (const estimator of ["k1", "k3"] as const) {
      const expected = policy.map((logp, v) => Math.exp(logp) * klEstimate([[logp]], [[reference[v]!]], { estimator }));
      expectClose(
        expected.reduce((a, b) => a + b),
        exact,
        { rtol: 1e-13 },
      );
    }
  });

  // Two z-tests at |z| < 4 with a fixed seed: false alarm 1e-4.
  it("averages to the closed-form divergence over sampled tokens (k1, k3)", () => {
    const rng = createRng("kl");
    const probabilities = policy.map(Math.exp);
    const tokens = Int32Array.from({ length: 100_000 }, () => rng.categorical(probabilities));
    for (const estimator of ["k1", "k3"] as const) {
      const ofToken = policy.map((logp, v) => klEstimate([[logp]], [[reference[v]!]], { estimator }));
      const error = Math.sqrt(variance(Float64Array.from(tokens, (v) => ofToken[v]!)) / tokens.length);
      const [logprobs, referenceLogprobs] = [policy, reference].map((of) => Float64Array.from(tokens, (v) => of[v]!));
      const found = klEstimate([logprobs!], [referenceLogprobs!], { estimator });
      expect(Math.abs(found - exact)).toBeLessThan(4 * error);
    }
  });

  it("equals the definitions, with k3 by default", () => {
    const d = -1.2 - -0.7;
    const of = (estimator: (typeof estimators)[number]) => klEstimate([[-0.7]], [[-1.2]], { estimator });
    expectClose(of("k1"), -d, { rtol: 1e-15 });
    expectClose(of("k2"), d ** 2 / 2, { rtol: 1e-14 });
    expectClose(of("k3"), Math.exp(d) - 1 - d, { rtol: 1e-13 });
    expect(klEstimate([[-0.7]], [[-1.2]])).toBe(of("k3"));
  });

  it("keeps its digits for nearly equal policies", () => {
    const d = 2 ** -20;
    expectClose(klEstimate([[-1 - d]], [[-1]]), d ** 2 / 2, { rtol: 1e-3 });
  });

  it("is infinite, not NaN, where k3 overflows", () => {
    expect(klEstimate([[-1, -800]], [[-1, -1]])).toBe(Infinity);
  });

  it("is never negative (k2, k3) and 0 for equal policies", () => {
    const logprob = fc.double({ min: -50, max: 0, noNaN: true });
    fc.assert(
      fc.property(logprob, logprob, (a, b) => {
        for (const estimator of ["k2", "k3"] as const)
          expect(klEstimate([[a]], [[b]], { estimator })).toBeGreaterThanOrEqual(0);
        for (const estimator of estimators) expect(klEstimate([[a]], [[a]], { estimator })).toBe(0);
      }),
      { seed: 5 },
    );
  });

  it("is a mean over counted tokens, or over sequences of their sums", () => {
    const logprobs = [[-1, -2, -3], [-4]];
    const referenceLogprobs = [[-1.5, -2, -4], [-4.25]];
    const options = { estimator: "k1" } as const;
    expectClose(klEstimate(logprobs, referenceLogprobs, options), (0.5 + 0 + 1 + 0.25) / 4, { rtol: 1e-14 });
    const bySequence = klEstimate(logprobs, referenceLogprobs, { ...options, reduce: "sequence" });
    expectClose(bySequence, (0.5 + 0 + 1 + 0.25) / 2, { rtol: 1e-14 });
    const mask = [[1, 0, 0], [1]];
    expectClose(klEstimate(logprobs, referenceLogprobs, { ...options, mask }), (0.5 + 0.25) / 2, { rtol: 1e-14 });
  });

  it("does not look at what the mask leaves out", () => {
    expect(klEstimate([[-1, Number.NaN]], [[-1, 0.5]], { mask: [[1, 0]] })).toBe(0);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => klEstimate([], []), { argument: "logprobs", value: 0 });
    expectValueError(() => klEstimate([[-1]], []), { argument: "referenceLogprobs", value: 0 });
    expectValueError(() => klEstimate([[-1], [-1, -2]], [[-1], [-1]]), { argument: "referenceLogprobs[1]", value: 1 });
    expectValueError(() => klEstimate([[-1, Number.NaN]], [[-1, -1]]), { argument: "logprobs[0]", index: 1 });
    expectValueError(() => klEstimate([[-1]], [[-Infinity]]), {
      argument: "referenceLogprobs[0]",
      index: 0,
      value: -Infinity,
    });
    expectValueError(() => klEstimate([[2]], [[-1]]), { argument: "logprobs[0]", index: 0, value: 2 });
    expectValueError(() => klEstimate([[-1]], [[-1]], { mask: [] }), { argument: "mask", value: 0 });
    expectValueError(() => klEstimate([[-1]], [[-1]], { mask: [[2]] }), { argument: "mask[0]", index: 0, value: 2 });
    expectValueError(() => klEstimate([[-1]], [[-1]], { mask: [[0]] }), { argument: "mask", value: 0 });
  });
});

describe("clipFraction", () => {
  it("is the share of ratios outside 1 ± ε", () => {
    const ratios = [0.5, 0.79, 0.81, 1, 1.19, 1.21, 2, 1];
    const behavior = ratios.map((_, i) => -3 - i);
    const logprobs = ratios.map((ratio, i) => behavior[i]! + Math.log(ratio));
    expect(clipFraction(logprobs, behavior)).toBe(4 / 8);
    expect(clipFraction(logprobs, behavior, { clip: 0.6 })).toBe(1 / 8);
    expect(clipFraction(logprobs, behavior, { mask: [1, 0, 0, 1, 0, 0, 0, 0] })).toBe(1 / 2);
  });

  it("is 0 for the policy that sampled", () => {
    expect(clipFraction([-1, -9], [-1, -9], { clip: 1e-12 })).toBe(0);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => clipFraction([-1, -2], [-1]), { argument: "logprobs", value: 2 });
    expectValueError(() => clipFraction([-1], [Number.NaN]), { argument: "behaviorLogprobs", index: 0 });
    expectValueError(() => clipFraction([-1], [-1], { clip: 0 }), { argument: "clip", value: 0 });
    expectValueError(() => clipFraction([-1], [-1], { mask: [1, 1] }), { argument: "mask", value: 2 });
    expectValueError(() => clipFraction([], []), { argument: "mask", value: 0 });
  });
});
