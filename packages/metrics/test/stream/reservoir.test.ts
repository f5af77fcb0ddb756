import { StateError } from "@x/core";
import { Reservoir } from "@x/metrics/stream";
import { describe, expect, it } from "vitest";
import { expectValueError } from "../expect-value-error.js";

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** χ² of how often each of `n` items was sampled in `runs` runs of `capacity`. */
function chiSquare(n: number, capacity: number, runs: number, sample: (seed: number) => readonly number[]): number {
  const counts = new Float64Array(n);
  for (let seed = 0; seed < runs; seed++) for (const item of sample(seed)) counts[item]!++;
  const expected = (runs * capacity) / n;
  return (
    counts.reduce((sum, count) => sum + (count - expected) ** 2 / (expected * (1 - capacity / n)), 0) * ((n - 1) / n)
  );
}

describe("Reservoir", () => {
  // χ² with 11 degrees of freedom exceeds 31.3 with probability 1e-3.
  it("keeps every item with the same probability", () => {
    const sample = (seed: number) => new Reservoir<number>({ capacity: 4, seed }).addMany(range(0, 12)).value().items;
    expect(chiSquare(12, 4, 3000, sample)).toBeLessThan(31.3);
  });

  it("keeps every item of merged streams with the same probability, however unequal they are", () => {
    for (const split of [3, 8, 11])
      expect(
        chiSquare(12, 4, 3000, (seed) => {
          const a = new Reservoir<number>({ capacity: 4, seed: `a ${seed}` }).addMany(range(0, split));
          const b = new Reservoir<number>({ capacity: 4, seed: `b ${seed}` }).addMany(range(split, 12));
          return a.merge(b).value().items;
        }),
      ).toBeLessThan(31.3);
  });

  it("keeps pairs of items together as often as chance has it, also after merging", () => {
    let both = 0;
    for (let seed = 0; seed < 4000; seed++) {
      const a = new Reservoir<number>({ capacity: 3, seed: `a ${seed}` }).addMany(range(0, 6));
      const { items } = a.merge(new Reservoir<number>({ capacity: 3, seed: `b ${seed}` }).addMany(range(6, 9))).value();
      if (items.includes(0) && items.includes(1)) both++;
    }
    // C(7, 1)/C(9, 3) = 1/12 of all samples of three; ±3.3 standard deviations are 1e-3.
    expect(Math.abs(both - 4000 / 12)).toBeLessThan(3.3 * Math.sqrt(4000 * (1 / 12) * (11 / 12)));
  });

  it("is a set of different items of the stream, all of a short one", () => {
    const { items, count } = new Reservoir<number>({ capacity: 10 }).addMany(range(0, 1000)).value();
    expect(count).toBe(1000);
    expect(new Set(items).size).toBe(10);
    expect(new Reservoir<string>({ capacity: 10 }).addMany(["a", "b"]).value()).toEqual({
      items: ["a", "b"],
      count: 2,
    });
    const both = new Reservoir<number>({ capacity: 10 })
      .addMany([1, 2])
      .merge(new Reservoir<number>({ capacity: 10 }).add(3));
    expect(both.value().items.toSorted()).toEqual([1, 2, 3]);
    expect(both.value().count).toBe(3);
  });

  it("gives the same sample for the same seed, and leaves the other untouched when merging", () => {
    const make = (seed: string) => new Reservoir<number>({ capacity: 3, seed }).addMany(range(0, 50));
    expect(make("s").value()).toEqual(make("s").value());
    expect(make("s").value()).not.toEqual(make("t").value());
    const other = make("t");
    expect(make("s").merge(other).value()).toEqual(make("s").merge(make("t")).value());
    expect(other.toJSON()).toEqual(make("t").toJSON());
  });

  it("continues from its JSON, draw by draw", () => {
    const before = new Reservoir<number>({ capacity: 3, seed: 1 }).addMany(range(0, 20));
    const after = Reservoir.fromJSON<number>(JSON.parse(JSON.stringify(before)));
    for (const reservoir of [before, after]) reservoir.addMany(range(20, 99));
    expect(after.toJSON()).toEqual(before.toJSON());
  });

  it("refuses a bad capacity, another capacity and foreign state", () => {
    expectValueError(() => new Reservoir({ capacity: 0 }), { argument: "capacity", value: 0 });
    const reservoir = new Reservoir<number>({ capacity: 2 }).addMany([1, 2, 3]);
    expectValueError(() => reservoir.merge(new Reservoir<number>({ capacity: 3 })), {
      argument: "other.capacity",
      value: 3,
    });
    const state = reservoir.toJSON();
    const changes = [
      { version: 2 },
      { capacity: 0 },
      { count: -1 },
      { count: 1 },
      { items: [1] },
      { items: "ab" },
      { rng: 1 },
      { rng: null },
    ];
    for (const bad of [
      null,
      {},
      ...changes.map((change) => ({ ...state, ...change })),
      { ...state, rng: { algorithm: "x" } },
    ])
      expect(() => Reservoir.fromJSON(bad)).toThrow(StateError);
  });
});
