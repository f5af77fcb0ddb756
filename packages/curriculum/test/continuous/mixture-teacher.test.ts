import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ContinuousTeacher } from "../../src/continuous/box.js";
import { fitClusters } from "../../src/continuous/gaussian-mixture.js";
import {
  createMixtureTeacher,
  type MixtureDiagnostics,
  type MixtureTeacherOptions,
} from "../../src/continuous/mixture-teacher.js";
import { createTaskMixture } from "../../src/continuous/task-mixture.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { chiSquareDeviate } from "./chi-square.js";

const box = { low: [-2, 10], high: [2, 14] };

/** A teacher whose Gaussians have the mean reward as their progress. */
function rewardTeacher(options: Partial<MixtureTeacherOptions> = {}) {
  const model = {
    type: "createRewardGmm",
    options: {},
    columns: 1,
    columnsOf: (_task: readonly number[], reward: number) => [reward],
    progress: (mean: Float64Array) => Math.max(0, mean[2]!),
    save: () => null,
    load() {},
  };
  return createMixtureTeacher(model, { box, seed: 1, fitRate: 100, ...options }, undefined);
}

/** Tells `n` tasks; the reward is high around (1, 11). */
function teach(teacher: ContinuousTeacher<MixtureDiagnostics>, n: number, reward = peak) {
  for (const { id, task } of teacher.ask(n)) teacher.tell([{ ticket: id, signal: reward(task) }]);
}
const peak = ([x, y]: readonly number[]) => Math.exp(-((x! - 1) ** 2) - (y! - 11) ** 2);

describe("a teacher with a mixture", () => {
  it("draws evenly until the first fit, then a share evenly and the rest from the Gaussians", () => {
    const teacher = rewardTeacher();
    expect(teacher.ask(100).map(({ probability }) => probability)).toEqual(new Array(100).fill(1 / 16));
    teach(teacher, 99);
    expect(teacher.diagnostics.gaussians).toEqual([]);
    teach(teacher, 1);
    const { gaussians } = teacher.diagnostics;
    expect(gaussians.length).toBeGreaterThanOrEqual(2);
    const mixture = createTaskMixture(gaussians)!;
    for (const { task, probability } of teacher.ask(50))
      expectClose(probability, 0.2 / 16 + 0.8 * mixture.density(task), { rtol: 1e-14 });
  });

  it("draws inside the box with the density that its tickets name", () => {
    const teacher = rewardTeacher({ components: [3] });
    teach(teacher, 100);
    const mixture = createTaskMixture(teacher.diagnostics.gaussians)!;
    const cells = 16;
    const side = 4 / cells;
    const masses = Array.from({ length: cells * cells }, (_, cell) => {
      let sum = 0;
      for (let a = 0.5; a < 4; a++)
        for (let b = 0.5; b < 4; b++)
          sum += mixture.density([
            -2 + side * ((cell % cells) + a / 4),
            10 + side * (Math.floor(cell / cells) + b / 4),
          ]);
      return 0.2 / cells ** 2 + (0.8 * sum * side * side) / 16;
    });
    const counts = new Array<number>(cells * cells + 1).fill(0);
    for (const { task } of teacher.ask(30_000)) {
      const border = task.some((x, i) => x === box.low[i] || x === box.high[i]);
      const [x, y] = task.map((at, i) => Math.min(cells - 1, Math.floor((at - box.low[i]!) / side)));
      counts[border ? cells * cells : y! * cells + x!]!++;
    }
    // What lies beyond the border is moved onto it.
    expect(chiSquareDeviate(counts, [...masses, 1 - masses.reduce((a, b) => a + b)])).toBeLessThan(4);
  });

  it("draws outside tasks again when they are to be rejected", () => {
    const onBorder = (bounds: "clip" | "reject") => {
      const teacher = rewardTeacher({ bounds, randomRatio: 0 });
      teach(teacher, 100, ([x]) => Math.max(0, x! - 1));
      return teacher.ask(1000).filter(({ task }) => task.some((x, i) => x === box.low[i] || x === box.high[i])).length;
    };
    expect(onBorder("clip")).toBeGreaterThan(30);
    expect(onBorder("reject")).toBe(0);
  });

  it("fits the best of its numbers of components to the last rows in units of the box", () => {
    for (const criterion of ["aic", "bic", "aicc"] as const) {
      const teacher = rewardTeacher({ criterion, components: [1, 2, 3, 200] });
      const rng = createRng(JSON.parse(JSON.stringify(teacher.toJSON())).rng);
      const tickets = teacher.ask(100);
      for (let draw = 0; draw < 200; draw++) rng.float();
      teacher.tell(tickets.map(({ id, task }) => ({ ticket: id, signal: peak(task) })));
      const rows = tickets.flatMap(({ task }) => [(task[0]! + 2) / 4, (task[1]! - 10) / 4, peak(task)]);
      const fits = [1, 2, 3].map((k) => fitClusters(Float64Array.from(rows), 3, k, rng.split(`fit ${k}`))!);
      const scores = fits.map(({ aic, bic, parameterCount: p }) => {
        return { aic, bic, aicc: aic + (2 * p * (p + 1)) / (100 - p - 1) }[criterion];
      });
      const best = fits[scores.indexOf(Math.min(...scores))]!;
      const { gaussians } = teacher.diagnostics;
      expect(gaussians.length).toBe(best.weights.length);
      const [first] = gaussians;
      const [v, w] = [best.means, best.covariances];
      expectClose(first!.mean, [4 * v[0]! - 2, 4 * v[1]! + 10], { rtol: 1e-12 });
      expectClose(first!.covariance, [16 * w[0]!, 16 * w[1]!, 16 * w[3]!, 16 * w[4]!], { rtol: 1e-12 });
      expect(first!.progress).toBe(v[2]);
    }
  });

  it("follows a region the same whatever the units of the box, if normalised", () => {
    fc.assert(
      fc.property(fc.integer({ min: -8, max: 8 }), fc.integer({ min: -8, max: 8 }), (a, b) => {
        // Powers of two, so that both boxes round alike.
        const scale = [2 ** a, 2 ** b];
        const [plain, other] = [
          { low: [0, 0], high: [1, 1] },
          { low: [0, 0], high: scale },
        ].map((bounds) => {
          const teacher = rewardTeacher({ box: bounds, fitRate: 30, components: [2, 3] });
          for (const { id, task } of teacher.ask(30))
            teacher.tell([{ ticket: id, signal: task[0]! / bounds.high[0]! }]);
          return teacher.ask(20).map(({ task }) => task.map((x, i) => x / bounds.high[i]!));
        });
        expect(other).toEqual(plain);
      }),
      { numRuns: 10 },
    );
  });

  it("keeps its Gaussians, and says so, when a fit fails", () => {
    const wide = { low: [0, 0], high: [1e12, 1e12] };
    const failures = Array.from({ length: 12 }, (_, seed) => {
      const teacher = rewardTeacher({ seed, components: [1], box: wide, normalize: false });
      teach(teacher, 100);
      const { gaussians } = teacher.diagnostics;
      // On a line this long rounding decides whether the covariance is singular.
      teach(teacher, 100, ([x]) => x!);
      const after = teacher.diagnostics;
      if (after.failedFits === 1) expect(after.gaussians).toEqual(gaussians);
      else expect(after.gaussians).not.toEqual(gaussians);
      return after.failedFits;
    });
    expect(new Set(failures)).toEqual(new Set([0, 1]));
  });

  it("stays even when no number of components is at most the number of rows", () => {
    const teacher = rewardTeacher({ components: [101, 300] });
    teach(teacher, 200);
    expect(teacher.diagnostics).toMatchObject({ gaussians: [], failedFits: 2 });
    expect(teacher.ask()[0]!.probability).toBe(1 / 16);
  });

  it.each<[string, object, { argument: string; index?: number; value?: unknown }]>([
    ["fitRate", { fitRate: 0 }, { argument: "fitRate", value: 0 }],
    ["no components", { components: [] }, { argument: "components", value: 0 }],
    ["components", { components: [2, 1.5] }, { argument: "components", index: 1, value: 1.5 }],
    ["criterion", { criterion: "mdl" }, { argument: "criterion", value: "mdl" }],
    ["randomRatio", { randomRatio: 1.1 }, { argument: "randomRatio", value: 1.1 }],
    ["bounds", { bounds: "wrap" }, { argument: "bounds", value: "wrap" }],
    ["box", { box: { low: [0], high: [0] } }, { argument: "box.high", index: 0, value: 0 }],
    ["seed", { seed: Number.NaN }, { argument: "seed", value: Number.NaN }],
  ])("refuses %s", (_, bad, details) => {
    expectValueError(() => rewardTeacher(bad), { ...details, message: /^createRewardGmm: |^createRng: / });
  });
});
