import { bootstrap } from "@x/metrics/stats";
import { planEditDistance } from "@x/metrics/text";
import { describe, expect, it } from "vitest";
import { expectValueError } from "../expect-value-error.js";

describe("planEditDistance", () => {
  const generated = [[1, 2, 3], [4], [], Int32Array.of(1, 1, 2, 2)];
  const reference = [[1, 2, 3], [5], [], [1, 2]];

  it("is the bootstrap of the documents' normalised distances", () => {
    const options = { seed: "plans", reps: 500, method: "percentile" } as const;
    const found = planEditDistance(generated, reference, options);
    expect(found.point).toBe((0 + 1 + 0 + 0.5) / 4);
    expect(found).toEqual(bootstrap([0, 1, 0, 0.5], options));
  });

  it("is 0 for the reference itself and 1 for plans without anything in common", () => {
    expect(planEditDistance(reference, reference)).toMatchObject({ point: 0, low: 0, high: 0 });
    expect(planEditDistance([[1], [2, 2]], [[3, 3], [4]])).toMatchObject({ point: 1, low: 1, high: 1 });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => planEditDistance([], []), { argument: "generated", value: 0 });
    expectValueError(() => planEditDistance([[1], [2]], [[1]]), { argument: "reference", value: 1 });
    expectValueError(() => planEditDistance([[1], [Number.NaN]], [[1], [2]]), { argument: "generated[1]", index: 0 });
    expectValueError(() => planEditDistance([[1]], [[1]]), { argument: "values", value: 1 });
  });
});
