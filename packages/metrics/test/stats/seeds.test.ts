import { aggregateSeeds, requiredSeeds } from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

type Row = { method: string; seed: number; score: number };
const columns = { by: (row: Row) => row.method, seed: (row: Row) => row.seed, value: (row: Row) => row.score };
const rows: Row[] = [
  { method: "soft", seed: 2, score: 4 },
  { method: "hard", seed: 1, score: 1 },
  { method: "soft", seed: 1, score: 2 },
  { method: "hard", seed: 2, score: 5 },
];

describe("aggregateSeeds", () => {
  it("aligns the values of every group by seed", () => {
    const { seeds, groups } = aggregateSeeds(rows, columns);
    expect(seeds).toEqual([2, 1]);
    expect(groups.map(({ by, values, mean }) => ({ by, values, mean }))).toEqual([
      { by: "soft", values: Float64Array.of(4, 2), mean: 3 },
      { by: "hard", values: Float64Array.of(5, 1), mean: 3 },
    ]);
    expectClose(
      groups.map((group) => group.standardDeviation),
      [Math.sqrt(2), Math.sqrt(8)],
      { rtol: 1e-12 },
    );
  });

  it("knows no deviation of a single seed", () => {
    expect(aggregateSeeds(rows.slice(0, 1), columns).groups[0]).toMatchObject({
      mean: 4,
      standardDeviation: Number.NaN,
    });
  });

  it("lists every missing cell", () => {
    const unbalanced = [...rows, { method: "none", seed: 1, score: 0 }, { method: "soft", seed: 7, score: 0 }];
    expectValueError(() => aggregateSeeds(unbalanced, columns), {
      argument: "rows",
      value: [
        { by: "hard", seed: 7 },
        { by: "none", seed: 2 },
        { by: "none", seed: 7 },
      ],
      message: "missing (hard, seed 7), (none, seed 2), (none, seed 7)",
    });
  });

  it("names the row that it refuses", () => {
    expectValueError(() => aggregateSeeds([], columns), { argument: "rows", value: 0 });
    expectValueError(() => aggregateSeeds([...rows, rows[1]!], columns), { argument: "rows", index: 4 });
    const notANumber = { method: "soft", seed: 3, score: Number.NaN };
    expectValueError(() => aggregateSeeds([notANumber], columns), { argument: "rows", index: 0, value: Number.NaN });
  });
});

describe("requiredSeeds", () => {
  it("is within one of the noncentral t distribution's answer", () => {
    for (const { design, effect, power, seeds } of fixtures.sampleSizes) {
      const found = requiredSeeds(effect, 1, { power, design: design as "paired" | "independent" });
      expect(Math.abs(found - seeds)).toBeLessThanOrEqual(1);
    }
  });

  it("depends on the size of the effect in deviations alone, and is at least 2", () => {
    expect(requiredSeeds(-3, 6)).toBe(requiredSeeds(0.5, 1));
    expect(requiredSeeds(100, 1)).toBeGreaterThanOrEqual(2);
    expect(requiredSeeds(0.5, 1, { level: 0.99 })).toBeGreaterThan(requiredSeeds(0.5, 1));
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => requiredSeeds(0, 1), { argument: "effect", value: 0 });
    expectValueError(() => requiredSeeds(1, -1), { argument: "standardDeviation", value: -1 });
    expectValueError(() => requiredSeeds(1, 1, { power: 1 }), { argument: "power", value: 1 });
    expectValueError(() => requiredSeeds(1, 1, { level: 0 }), { argument: "level", value: 0 });
  });
});
