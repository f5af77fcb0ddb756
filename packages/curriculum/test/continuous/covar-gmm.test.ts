import { describe, expect, it } from "vitest";
import { type CovarGmmOptions, createCovarGmm } from "../../src/continuous/covar-gmm.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const box = { low: [0], high: [1] };

/** After one fit on rewards `slope(x) · time`: the share of draws with x < 0.5. */
function shareLeft(slope: (x: number) => number, absolute: boolean): number {
  const teacher = createCovarGmm({ box, seed: 4, fitRate: 200, absolute, randomRatio: 0 });
  teacher.tell(teacher.ask(200).map(({ id, task }, i) => ({ ticket: id, signal: slope(task[0]!) * (i / 200) })));
  return teacher.ask(500).filter(({ task }) => task[0]! < 0.5).length / 500;
}

describe("createCovarGmm", () => {
  it("goes where rewards rise, with absolute also where they fall", () => {
    expect(shareLeft((x) => (x < 0.5 ? 1 : 0), false)).toBeGreaterThan(0.9);
    expect(shareLeft((x) => (x < 0.5 ? -1 : 0.2), false)).toBeLessThan(0.1);
    expect(shareLeft((x) => (x < 0.5 ? -1 : 0.2), true)).toBeGreaterThan(0.5);
  });

  it("weighs a Gaussian by the covariance of time and reward", () => {
    const teacher = createCovarGmm({ box, seed: 5, fitRate: 50, components: [1] });
    const rewards = Array.from({ length: 50 }, (_, i) => Math.cos(i) + i / 50);
    teacher.tell(teacher.ask(50).map(({ id }, i) => ({ ticket: id, signal: rewards[i]! })));
    const meanReward = rewards.reduce((a, b) => a + b) / 50;
    const covariance = rewards.reduce((sum, r, i) => sum + (r - meanReward) * (i / 50 - 0.49), 0) / 50;
    expectClose(teacher.diagnostics.gaussians[0]!.progress, covariance, { rtol: 1e-9 });
    const falling = createCovarGmm({ box, seed: 5, fitRate: 50, components: [1] });
    falling.tell(falling.ask(50).map(({ id }, i) => ({ ticket: id, signal: -rewards[i]! })));
    expect(falling.diagnostics.gaussians[0]!.progress).toBe(0);
  });

  it.each<[string, Partial<CovarGmmOptions>, object]>([
    ["fitRate", { fitRate: -1 }, { value: -1 }],
    ["randomRatio", { randomRatio: Number.NaN }, { value: Number.NaN }],
  ])("refuses %s", (argument, bad, details) => {
    const call = () => createCovarGmm({ box, seed: 0, ...bad });
    expectValueError(call, { argument, ...details, message: /^createCovarGmm: / });
  });
});
