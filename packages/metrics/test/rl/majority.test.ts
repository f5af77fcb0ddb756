import { createRng } from "@x/core";
import { majorityAtK, passAtK } from "@x/metrics/rl";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { meanOverSubsets } from "./subsets.js";

/** The chance that `truth` wins a vote in which the leaders draw lots. */
function vote(answers: readonly (number | string)[], truth: number | string): number {
  const counts = new Map<number | string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const leaders = [...counts.keys()].filter((answer) => counts.get(answer) === most);
  return leaders.includes(truth) ? 1 / leaders.length : 0;
}

describe("majorityAtK", () => {
  it("is the mean over all k-subsets of a vote whose ties are split evenly", () => {
    const rng = createRng("answers");
    for (const n of [1, 2, 4, 7, 10, 12])
      for (const kinds of [1, 2, 3, 6]) {
        const answers = Array.from({ length: n }, () => rng.int(kinds));
        for (let k = 1; k <= n; k++) {
          const expected = meanOverSubsets(answers, k, (chosen) => vote(chosen, 0));
          expectClose(majorityAtK(answers, 0, k), expected, { atol: 1e-14 });
        }
      }
  });

  it("adds up to 1 over all answers, also for hundreds of attempts", () => {
    const rng = createRng("many");
    const answers = Array.from({ length: 400 }, () => Math.floor(Math.abs(6 * rng.normal())));
    for (const k of [1, 16, 64, 400]) {
      const total = [...new Set(answers)].reduce((sum, answer) => sum + majorityAtK(answers, answer, k), 0);
      expectClose(total, 1, { atol: 1e-11 });
    }
  });

  it("equals the hypergeometric tail for two kinds of answers and odd k", () => {
    // Right wins when more than half of k = 3 out of 7 right and 5 wrong are right: (C(7,2)·5 + C(7,3))/C(12,3).
    const answers = Array.from({ length: 12 }, (_, i) => (i < 7 ? "right" : "wrong"));
    expectClose(majorityAtK(answers, "right", 3), (21 * 5 + 35) / 220, { rtol: 1e-14 });
  });

  it("is the share of right answers at k = 1 and the vote itself at k = n", () => {
    const answers = ["a", "b", "a", "c", "b"];
    expectClose(majorityAtK(answers, "a", 1), passAtK(5, 2, 1), { rtol: 1e-15 });
    expect(majorityAtK(answers, "a", 5)).toBe(0.5);
    expect(majorityAtK(answers, "c", 5)).toBe(0);
    expect(majorityAtK(["a"], "a", 1)).toBe(1);
  });

  it("is 0 when nobody is right", () => {
    expect(majorityAtK([1, 2, 2], 3, 2)).toBe(0);
    expect(majorityAtK([1, 2], "1", 1)).toBe(0);
  });

  it("neither overflows nor underflows where binomials do", () => {
    const answers = Array.from({ length: 4000 }, (_, i) => (i % 3 === 0 ? "wrong" : "right"));
    expectClose(majorityAtK(answers, "right", 101), 1, { atol: 1e-2 });
    expect(majorityAtK(answers, "right", 4000)).toBe(1);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => majorityAtK([], "a", 1), { argument: "answers", value: 0 });
    expectValueError(() => majorityAtK(["a"], "a", 2), { argument: "k", value: 2 });
    expectValueError(() => majorityAtK([1, Number.NaN], 1, 1), { argument: "answers", index: 1, value: Number.NaN });
  });
});
