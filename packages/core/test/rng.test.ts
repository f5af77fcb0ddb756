import fc from "fast-check";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";
import { createRng, type Rng, StateError, ValueError } from "../src/index.js";
import { chiSquare, chiSquareLimit } from "./chi-square.js";

const draws = 60_000;
const times = <T>(n: number, draw: () => T) => Array.from({ length: n }, draw);

/** Each kind of draw once. */
const sample = (rng: Rng) => [
  rng.float(),
  rng.int(10),
  rng.normal(),
  rng.categorical([1, 2, 3]),
  rng.seed(),
  ...rng.shuffle([1, 2, 3, 4, 5]),
];

/** χ² of drawn categories against their probabilities; false alarm 1 in 10 000, and the seeds are fixed. */
function expectDistribution(drawn: readonly number[], probabilities: readonly number[]): void {
  const counts = probabilities.map(() => 0);
  for (const d of drawn) counts[d]!++;
  const possible = probabilities.map((_, i) => i).filter((i) => probabilities[i]! > 0);
  expect(possible.reduce((sum, i) => sum + counts[i]!, 0)).toBe(drawn.length);
  const statistic = chiSquare(
    possible.map((i) => counts[i]!),
    possible.map((i) => probabilities[i]! * drawn.length),
  );
  expect(statistic).toBeLessThan(chiSquareLimit(possible.length - 1));
}

describe("createRng", () => {
  it("draws the raw stream of xoroshiro128+ from its state", () => {
    const rng = createRng("raw");
    const generator = xoroshiro128plusFromState(rng.state().words);
    const raw = times(1000, () => generator.next() >>> 0);
    expect(times(500, () => rng.seed())).toEqual(raw.slice(0, 500).map((word) => word >>> 1));
    const floats = raw.slice(500);
    expect(times(250, () => rng.float())).toEqual(
      times(250, () => 0).map((_, i) => ((floats[2 * i]! >>> 5) * 2 ** 26 + (floats[2 * i + 1]! >>> 6)) / 2 ** 53),
    );
    expect(rng.state().words).toEqual([...generator.getState()]);
  });

  it("goes on as the same stream after a JSON round trip of its state, children included", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.string()), fc.nat(20), (seed, before) => {
        const rng = createRng(seed);
        for (let i = 0; i < before; i++) rng.normal();
        const copy = createRng(JSON.parse(JSON.stringify(rng.state())));
        expect(sample(copy.split("child"))).toEqual(sample(rng.split("child")));
        expect(sample(copy)).toEqual(sample(rng));
      }),
    );
  });

  it("tells seeds apart by value and by type", () => {
    const seeds = [0, 1, -1, 0.5, 2 ** 40, "", "0", "1", "a", "b", "ab", "ba"];
    const states = seeds.map((seed) => JSON.stringify(createRng(seed).state()));
    expect(new Set(states).size).toBe(seeds.length);
  });

  it("throws ValueError for a number that is not finite", () => {
    for (const seed of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => createRng(seed)).toThrow(
        new ValueError(`createRng: seed must be finite, got ${seed}`, { argument: "seed", value: seed }),
      );
  });

  it("throws StateError for what is no state of this generator", () => {
    const words = [1, 2, 3, 4];
    const states = [
      { algorithm: "mt19937", words },
      { words },
      { algorithm: "xoroshiro128plus", words: [1, 2, 3] },
      { algorithm: "xoroshiro128plus", words: [1, 2, 3, 2 ** 31] },
      { algorithm: "xoroshiro128plus", words: [1, 2, 3, 0.5] },
      { algorithm: "xoroshiro128plus", words: [0, 0, 0, 0] },
      { algorithm: "xoroshiro128plus" },
      null,
      undefined,
    ];
    for (const state of states)
      expect(() => createRng(JSON.parse(JSON.stringify({ state })).state)).toThrow(StateError);
  });
});

describe("Rng.float", () => {
  it("is uniform in its high and in its low bits", () => {
    const rng = createRng(1);
    const floats = times(draws, () => rng.float());
    expect(floats.every((x) => x >= 0 && x < 1)).toBe(true);
    const uniform = times(16, () => 1 / 16);
    expectDistribution(
      floats.map((x) => Math.floor(x * 16)),
      uniform,
    );
    expectDistribution(
      floats.map((x) => (x * 2 ** 53) % 16),
      uniform,
    );
  });
});

describe("Rng.int", () => {
  it.each([2, 3, 6, 10, 64, 1000])("is uniform below %i", (bound) => {
    const rng = createRng(`int ${bound}`);
    const uniform = times(bound, () => 1 / bound);
    expectDistribution(
      times(draws, () => rng.int(bound)),
      uniform,
    );
  });

  it("is unbiased for a bound that does not divide 2³²", () => {
    // Without rejection the values of the 2³² words would pile up on a part of the range.
    const rng = createRng("large");
    const thirds = times(draws, () => Math.floor(rng.int(3 * 2 ** 30) / 2 ** 30));
    expectDistribution(thirds, [1 / 3, 1 / 3, 1 / 3]);
  });

  it("has no even or odd bias in pairs of successive draws", () => {
    const rng = createRng("pairs");
    expectDistribution(
      times(draws, () => 2 * rng.int(2) + rng.int(2)),
      [0.25, 0.25, 0.25, 0.25],
    );
  });

  it("gives whole words for 2³² and nothing but 0 for 1", () => {
    const rng = createRng(3);
    const generator = xoroshiro128plusFromState(rng.state().words);
    for (let i = 0; i < 100; i++) expect(rng.int(2 ** 32)).toBe(generator.next() >>> 0);
    expect(times(100, () => rng.int(1))).toEqual(times(100, () => 0));
  });

  it("throws ValueError for a bound outside 1 … 2³²", () => {
    for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1])
      expect(() => createRng(0).int(bound)).toThrow(ValueError);
  });
});

describe("Rng.normal", () => {
  it("is standard normal", () => {
    // Eight intervals of equal probability under the normal distribution.
    const edges = [-1.1503493804, -0.6744897502, -0.318639364, 0, 0.318639364, 0.6744897502, 1.1503493804];
    const rng = createRng("normal");
    const drawn = times(draws, () => rng.normal());
    expectDistribution(
      drawn.map((z) => edges.filter((edge) => z > edge).length),
      times(8, () => 1 / 8),
    );
    // The fourth moment of n draws is 3 ± √(96/n); 4 deviations are exceeded once in 16 000 times.
    const kurtosis = drawn.reduce((sum, z) => sum + z ** 4, 0) / draws;
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(96 / draws));
  });

  it("is finite when the uniform number is 0", () => {
    // The state (s01, s00, s11, s10) = (0, 0, 1, 0) makes the first two words 0.
    const rng = createRng({ algorithm: "xoroshiro128plus", words: [0, 0, 1, 0] });
    expect(createRng(rng.state()).float()).toBe(0);
    expect(Math.abs(rng.normal())).toBe(0);
  });
});

describe("Rng.categorical", () => {
  const weights = [0, 1, 2, 0, 3, 4, 0];

  it("draws in proportion to the weights and never what has weight 0", () => {
    const rng = createRng("categorical");
    expectDistribution(
      times(draws, () => rng.categorical(weights)),
      weights.map((w) => w / 10),
    );
  });

  it("is the inverse of the cumulative sum at one uniform number", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }), fc.string(), (w, seed) => {
        fc.pre(w.some((x) => x > 0));
        const rng = createRng(seed);
        const target = createRng(rng.state()).float() * w.reduce((a, b) => a + b);
        const cumulative = w.map((_, i) => w.slice(0, i + 1).reduce((a, b) => a + b));
        expect(rng.categorical(new Float32Array(w))).toBe(cumulative.findIndex((c) => c > target));
      }),
    );
  });

  it("never falls off the end, whatever rounding does", () => {
    const rng = createRng("rounding");
    const tiny = [...times(50, () => 0.1), 1e-300, 0];
    for (let i = 0; i < 2000; i++) expect(tiny[rng.categorical(tiny)]).toBeGreaterThan(0);
  });

  it("throws ValueError, naming the entry, for weights that are no distribution", () => {
    const rng = createRng(0);
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => rng.categorical([1, bad])).toThrow(
        expect.objectContaining({ code: "E_VALUE", index: 1, value: bad }),
      );
    for (const bad of [[], [0, 0], [1e308, 1e308]]) expect(() => rng.categorical(bad)).toThrow(ValueError);
  });
});

describe("Rng.shuffle", () => {
  it("gives every order equally often", () => {
    const orders = new Map<string, number>();
    const rng = createRng("shuffle");
    const drawn = times(draws, () => rng.shuffle(["a", "b", "c", "d"]).join(""));
    for (const order of drawn) if (!orders.has(order)) orders.set(order, orders.size);
    expect(orders.size).toBe(24);
    expectDistribution(
      drawn.map((order) => orders.get(order)!),
      times(24, () => 1 / 24),
    );
  });

  it("keeps the items and leaves its argument alone", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const before = items.slice();
        expect(createRng(5).shuffle(items).sort()).toEqual(before.slice().sort());
        expect(items).toEqual(before);
      }),
    );
  });
});

describe("Rng.split", () => {
  it("gives the same stream for the same label and leaves the parent where it was", () => {
    const rng = createRng(9);
    const state = rng.state();
    expect(sample(rng.split("a"))).toEqual(sample(rng.split("a")));
    expect(rng.state()).toEqual(state);
  });

  it("gives other streams for another label, another position and a child's child", () => {
    const rng = createRng(9);
    const states = [rng.split("a"), rng.split("b"), rng.split(""), rng.split("a").split("a"), rng].map((r) =>
      r.state(),
    );
    rng.float();
    states.push(rng.split("a").state());
    expect(new Set(states.map((s) => JSON.stringify(s))).size).toBe(6);
  });

  it("gives uncorrelated streams for similar labels, the parent's included", () => {
    const n = 4000;
    const rng = createRng("correlation");
    const labels = ["row:0", "row:1", "row:2", "row:10", "row:01", "0", "1", "", "a", "aa", "aaa"];
    const streams = [rng, ...labels.map((label) => rng.split(label))].map((r) => times(n, () => r.float() - 0.5));
    for (let i = 0; i < streams.length; i++)
      for (let j = 0; j < i; j++)
        for (const lag of [0, 1]) {
          let product = 0;
          for (let t = lag; t < n; t++) product += streams[i]![t]! * streams[j]![t - lag]!;
          // Correlation ~ N(0, 1/n): 5 deviations are exceeded 8e-5 times over these 132 pairs.
          expect(Math.abs(product / n) * 12).toBeLessThan(5 / Math.sqrt(n));
        }
  });

  it("has no two equal states among 20 000 labels, and half of the bits differ between neighbours", () => {
    const rng = createRng(0);
    const states = times(20_000, () => 0).map((_, i) => rng.split(`row:${i}`).state().words);
    expect(new Set(states.map(String)).size).toBe(states.length);
    const ones = (word: number) => [...(word >>> 0).toString(2)].filter((bit) => bit === "1").length;
    const distances = times(2000, () => 0).map((_, i) =>
      states[i]!.reduce((sum, word, k) => sum + ones(word ^ states[i + 1]![k]!), 0),
    );
    // Binomial(128, 1/2): mean 64, deviation √32.
    expect(Math.abs(distances.reduce((a, b) => a + b) / 2000 - 64)).toBeLessThan(4 * Math.sqrt(32 / 2000));
    expect(Math.min(...distances)).toBeGreaterThan(64 - 6 * Math.sqrt(32));
  });
});
