import { describe, expect, it } from "vitest";
import { runInSlices, runToEnd } from "../../src/stats/slices.js";

function* countTo(limit: number, onStep: () => void = () => {}): Generator<undefined, number> {
  let sum = 0;
  for (let i = 1; i <= limit; i++) {
    sum += i;
    onStep();
    yield;
  }
  return sum;
}

describe("runToEnd and runInSlices", () => {
  it("give what the steps return", async () => {
    expect(runToEnd(countTo(10))).toBe(55);
    expect(await runInSlices(countTo(10))).toBe(55);
    expect(runToEnd(countTo(0))).toBe(0);
  });

  it("pass on what the steps throw", async () => {
    const fail = () => {
      throw new Error("step");
    };
    expect(() => runToEnd(countTo(1, fail))).toThrow("step");
    await expect(runInSlices(countTo(1, fail))).rejects.toThrow("step");
  });

  it("lets timers run between slices of work, and not within one", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const busy = () => {
      for (const end = performance.now() + 3; performance.now() < end; );
    };
    await runInSlices(countTo(2));
    expect(turns).toBe(0);
    await runInSlices(countTo(20, busy));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
    expect(turns).toBeLessThanOrEqual(20);
  });

  it("takes no step when the signal has fired before", async () => {
    let steps = 0;
    await expect(
      runInSlices(
        countTo(3, () => steps++),
        AbortSignal.abort(),
      ),
    ).rejects.toThrow();
    expect(steps).toBe(0);
  });
});
