import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import {
  type Attempt,
  ascend,
  attemptLevel,
  createStudent,
  grpoGradient,
  type Student,
  successProbability,
} from "../../src/simulate/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const student = createStudent(4, createRng("student"));
const moved: Student = { skills: [0.3, -0.7, 1.1, -0.2], shared: 0.8 };

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const logProbability = ({ skills, shared }: Student, { outcomes }: Attempt) =>
  outcomes.reduce((sum, b, j) => {
    const p = sigmoid(skills[j]! + shared / 2);
    return sum + Math.log(b === 1 ? p : 1 - p);
  }, 0);

/** All outcomes of a level. */
const everyAttempt = (level: number): Attempt[] =>
  Array.from({ length: 2 ** level }, (_, bits) => {
    const outcomes = Array.from({ length: level }, (_, j) => (bits >> j) & 1);
    return { outcomes, reward: outcomes.includes(0) ? 0 : 1 };
  });

/** Central differences in every parameter. */
function numericGradient(f: (s: Student) => number, at: Student): Student {
  const h = 1e-5;
  const slope = (shift: (by: number) => Student) => (f(shift(h)) - f(shift(-h))) / (2 * h);
  return {
    skills: at.skills.map((z, j) => slope((by) => ({ ...at, skills: at.skills.with(j, z + by) }))),
    shared: slope((by) => ({ ...at, shared: at.shared + by })),
  };
}

describe("createStudent", () => {
  it("is worse at each further skill by 0.3 on average, with 0.1 of noise", () => {
    const many = Array.from({ length: 2000 }, (_, i) => createStudent(3, createRng(i)));
    for (let j = 0; j < 3; j++) {
      const centred = many.map(({ skills }) => skills[j]! + 0.2 + 0.3 * j);
      const mean = centred.reduce((a, b) => a + b) / centred.length;
      const variance = centred.reduce((sum, x) => sum + (x - mean) ** 2, 0) / centred.length;
      expect(Math.abs(mean)).toBeLessThan((4.5 * 0.1) / Math.sqrt(2000)); // false alarm 1e-5
      expectClose(Math.sqrt(variance), 0.1, { rtol: 4.5 / Math.sqrt(2 * 2000) });
    }
    expect(many[0]!.shared).toBe(0);
  });

  it("refuses to be without skills", () => {
    expectValueError(() => createStudent(0, createRng(1)), {
      argument: "skills",
      value: 0,
      message: /^createStudent: /,
    });
  });
});

describe("successProbability", () => {
  it("is what all outcomes that succeed weigh together", () => {
    for (const level of [1, 2, 3, 4]) {
      const won = everyAttempt(level).filter(({ reward }) => reward === 1);
      expectClose(
        successProbability(moved, level),
        won.reduce((sum, attempt) => sum + Math.exp(logProbability(moved, attempt)), 0),
        { rtol: 1e-14 },
      );
    }
  });

  it("falls with the level", () => {
    for (const level of [2, 3, 4])
      expect(successProbability(student, level)).toBeLessThan(successProbability(student, level - 1));
  });

  it("refuses a level that there is not", () => {
    for (const level of [0, 5, 1.5])
      expectValueError(() => successProbability(student, level), { argument: "level", value: level });
  });
});

describe("attemptLevel", () => {
  it("has every outcome as often as its probability says (χ² with 7 degrees of freedom, false alarm 1e-4)", () => {
    const rng = createRng(3);
    const counts = new Array<number>(8).fill(0);
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      const { outcomes } = attemptLevel(moved, 3, rng);
      counts[outcomes[0]! + 2 * outcomes[1]! + 4 * outcomes[2]!]!++;
    }
    const chi = everyAttempt(3).reduce((sum, attempt, bits) => {
      const expected = n * Math.exp(logProbability(moved, attempt));
      return sum + (counts[bits]! - expected) ** 2 / expected;
    }, 0);
    expect(chi).toBeLessThan(29.88);
  });

  it("is rewarded when no skill failed", () => {
    const rng = createRng(4);
    for (let i = 0; i < 50; i++) {
      const { outcomes, reward } = attemptLevel(moved, 2, rng);
      expect(reward).toBe(outcomes[0]! * outcomes[1]!);
    }
  });
});

describe("grpoGradient", () => {
  it("is the derivative of the advantage-weighted log-probabilities, by finite differences", () => {
    const rng = createRng(5);
    const groups = [3, 1, 4, 2].map((level) => Array.from({ length: 5 }, () => attemptLevel(moved, level, rng)));
    const weights = groups.map((group) => {
      const mean = group.reduce((sum, { reward }) => sum + reward, 0) / group.length;
      const variance = group.reduce((sum, { reward }) => sum + (reward - mean) ** 2, 0) / (group.length - 1);
      return group.map(({ reward }) => (reward - mean) / (Math.sqrt(variance) + 1e-6));
    });
    expect(weights.flat().some((weight) => weight > 0)).toBe(true);
    const surrogate = (s: Student) =>
      groups.reduce(
        (sum, group, i) => sum + group.reduce((t, attempt, j) => t + weights[i]![j]! * logProbability(s, attempt), 0),
        0,
      ) / 20;
    const [exact, numeric] = [grpoGradient(moved, groups), numericGradient(surrogate, moved)];
    expectClose(exact.skills, numeric.skills, { atol: 1e-9 });
    expectClose(exact.shared, numeric.shared, { atol: 1e-9 });
  });

  it("points on average where the chance of success rises: over all pairs it is ∇p scaled by √½", () => {
    // Two attempts at a level have A = ±1/√2 when their rewards differ: E g = ½ · √½ · E[(r − r′)(s − s′)] = √½ ∇p.
    const level = 3;
    const all = everyAttempt(level);
    const sum = { skills: [0, 0, 0, 0], shared: 0 };
    for (const a of all)
      for (const b of all) {
        const weight = Math.exp(logProbability(moved, a) + logProbability(moved, b));
        const { skills, shared } = grpoGradient(moved, [[a, b]]);
        skills.forEach((value, j) => {
          sum.skills[j]! += weight * value;
        });
        sum.shared += weight * shared;
      }
    const slope = numericGradient((s) => successProbability(s, level), moved);
    const scale = Math.SQRT1_2;
    expectClose(
      sum.skills,
      slope.skills.map((value) => scale * value),
      { rtol: 1e-5, atol: 1e-12 },
    );
    expectClose(sum.shared, scale * slope.shared, { rtol: 1e-5 });
  });

  it("is 0 for groups that all succeed or all fail", () => {
    const [lost, won] = [everyAttempt(1)[0]!, everyAttempt(1)[1]!];
    for (const attempt of [lost, won])
      expect(grpoGradient(moved, [[attempt, attempt]])).toEqual({ skills: [0, 0, 0, 0], shared: 0 });
  });

  it("refuses to go without groups and groups of one", () => {
    expectValueError(() => grpoGradient(student, []), { argument: "groups" });
    const [attempt] = everyAttempt(1);
    expectValueError(() => grpoGradient(student, [[attempt!, attempt!], [attempt!]]), { argument: "groups", index: 1 });
  });
});

describe("ascend", () => {
  it("moves every parameter along its gradient and leaves the student as it was", () => {
    const before = structuredClone(moved);
    expect(ascend(moved, { skills: [1, 0, -2, 0.5], shared: 4 }, 0.5)).toEqual({
      skills: [0.8, -0.7, 1.1 - 1, -0.2 + 0.25],
      shared: 2.8,
    });
    expect(moved).toEqual(before);
  });

  it("learns a level by trying it, and the levels beyond it through what skills share", () => {
    const rng = createRng(6);
    let now = student;
    for (let step = 0; step < 40; step++) {
      const groups = Array.from({ length: 16 }, () => Array.from({ length: 8 }, () => attemptLevel(now, 2, rng)));
      now = ascend(now, grpoGradient(now, groups), 1);
    }
    expect(successProbability(now, 2)).toBeGreaterThan(0.8);
    expect(now.shared).toBeGreaterThan(0);
    expect(successProbability(now, 4)).toBeGreaterThan(successProbability(student, 4));
  });
});
