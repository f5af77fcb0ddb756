import { AbortedError, createRng, type Rng, ValueError } from "@x/core";
import { bootstrap, bootstrapAsync, type CiMethod, pairedBootstrap, pairedBootstrapAsync } from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const median = (sample: Float64Array) => sample.sort()[sample.length >> 1]!;
const draws = (n: number, draw: () => number) => Float64Array.from({ length: n }, draw);

/** Share of 1 000 experiments whose 95 % interval holds the truth. */
function coverage(experiment: (rng: Rng, seed: number) => { low: number; high: number }, truth: number): number {
  let covered = 0;
  for (let k = 0; k < 1000; k++) {
    const { low, high } = experiment(createRng(`coverage ${k}`), k);
    if (low <= truth && truth <= high) covered++;
  }
  return covered / 1000;
}

describe("bootstrap", () => {
  // A true coverage of 94.5 % gives a share outside 92–97 % with probability 1e-3.
  for (const method of ["bca", "percentile", "basic"] as CiMethod[])
    it(`covers the mean of a normal distribution in 92–97 % of experiments (${method})`, () => {
      const share = coverage((rng, seed) => bootstrap(draws(80, rng.normal), { reps: 600, seed, method }), 0);
      expect(share).toBeGreaterThan(0.92);
      expect(share).toBeLessThan(0.97);
    });

  it("covers the mean of a skewed distribution in 92–97 % of experiments", () => {
    const exponential = (rng: Rng) => draws(80, () => -Math.log(1 - rng.float()));
    const share = coverage((rng, seed) => bootstrap(exponential(rng), { reps: 600, seed }), 1);
    expect(share).toBeGreaterThan(0.92);
    expect(share).toBeLessThan(0.97);
  });

  it("has limits near those of every one of the 5⁵ resamples", () => {
    const values = [1, 2, 4, 8, 16];
    const all = Float64Array.from({ length: 5 ** 5 }, (_, code) => {
      let sum = 0;
      for (let i = 0; i < 5; i++) sum += values[Math.floor(code / 5 ** i) % 5]!;
      return sum / 5;
    }).sort();
    const { low, high } = bootstrap(values, { method: "percentile", reps: 50_000, level: 0.9 });
    // Standard error of the share below a limit: √(0.05·0.95/50 000) = 0.001; 5 of them on either side.
    const between = (x: number, share: number) => {
      const at = (s: number) => all[Math.round(s * all.length)]!;
      expect(x).toBeGreaterThanOrEqual(at(share - 0.005));
      expect(x).toBeLessThanOrEqual(at(share + 0.005));
    };
    between(low, 0.05);
    between(high, 0.95);
  });

  it("has the textbook half width for the mean of many values", () => {
    const rng = createRng("half width");
    const values = draws(2000, rng.normal);
    const { point, low, high } = bootstrap(values, { reps: 4000 });
    expectClose((high - low) / 2, 1.96 / Math.sqrt(2000), { rtol: 0.05 });
    expectClose((high + low) / 2, point, { atol: 0.005 });
  });

  it("takes any statistic, which may reorder its sample, and leaves the values as they were", () => {
    const values = [5, 3, 8, 1, 9, 2, 7];
    const found = bootstrap(values, { statistic: median });
    expect(found.point).toBe(5);
    expect(values).toContain(found.low);
    expect(values).toEqual([5, 3, 8, 1, 9, 2, 7]);
    const mean = (sample: Float64Array) => sample.reduce((a, b) => a + b, 0) / sample.length;
    const [slow, fast] = [bootstrap(values, { statistic: mean }), bootstrap(values)];
    expectClose([slow.point, slow.low, slow.high], [fast.point, fast.low, fast.high], { rtol: 1e-12 });
  });

  it("moves and stretches with the values", () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const plain = bootstrap(values);
    const moved = bootstrap(values.map((x) => 2 * x + 1));
    expectClose([moved.low, moved.high], [2 * plain.low + 1, 2 * plain.high + 1], { rtol: 1e-12 });
  });

  it("reports how it was made and gives identical bits again", () => {
    const found = bootstrap([1, 2, 4], { seed: "s", reps: 500, level: 0.8, method: "basic" });
    expect(found).toMatchObject({ seed: "s", reps: 500, level: 0.8, method: "basic" });
    expect(bootstrap(Float32Array.of(1, 2, 4), { seed: "s", reps: 500, level: 0.8, method: "basic" })).toEqual(found);
    expect(bootstrap([1, 2, 4])).toMatchObject({ seed: 0, reps: 2000, level: 0.95, method: "bca" });
    const rough = draws(30, createRng("rough").normal);
    expect(bootstrap(rough, { seed: 1 }).low).not.toBe(bootstrap(rough, { seed: 2 }).low);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => bootstrap([]), { argument: "values", value: 0 });
    expectValueError(() => bootstrap([1]), { argument: "values", value: 1 });
    expectValueError(() => bootstrap([1, Number.NaN, 2]), { argument: "values", index: 1, value: Number.NaN });
    expectValueError(() => bootstrap([1, 2], { level: 1 }), { argument: "level", value: 1 });
    expectValueError(() => bootstrap([1, 2], { reps: 1 }), { argument: "reps", value: 1 });
    expectValueError(() => bootstrap([1, 2], { statistic: () => Number.NaN }), { argument: "statistic" });
    const undefinedOnOneSided = (sample: Float64Array) => (sample.every((x) => x === 1) ? Number.NaN : 0);
    expectValueError(() => bootstrap([1, 2], { statistic: undefinedOnOneSided }), { argument: "statistic" });
  });
});

describe("pairedBootstrap", () => {
  it("equals the bootstrap of the differences", () => {
    const a = [3, 5, 2, 8];
    const b = [1, 4, 4, 5];
    const differences = bootstrap([2, 1, -2, 3], { seed: 4 });
    expect(pairedBootstrap(a, b, { seed: 4 })).toEqual(differences);
    const mean = (sample: Float64Array) => sample.reduce((x, y) => x + y, 0) / sample.length;
    const { point, low, high } = pairedBootstrap(a, b, { seed: 4, statistic: mean });
    expectClose([point, low, high], [differences.point, differences.low, differences.high], { atol: 1e-12 });
  });

  it("is exact when both differ by a constant, however much the units vary", () => {
    const b = [1, 100, 10_000, 5];
    const interval = pairedBootstrap(
      b.map((x) => x + 2),
      b,
      { statistic: (sample) => median(sample) },
    );
    expect(interval).toMatchObject({ point: 2, low: 2, high: 2 });
  });

  it("changes sign when the lists are swapped", () => {
    const a = [0.3, 0.7, 0.1, 0.9];
    const b = [0.2, 0.8, 0.3, 0.4];
    const [ab, ba] = [pairedBootstrap(a, b, { method: "percentile" }), pairedBootstrap(b, a, { method: "percentile" })];
    expectClose([ba.point, ba.low, ba.high], [-ab.point, -ab.high, -ab.low], { atol: 1e-12 });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => pairedBootstrap([1, 2], [1]), { argument: "b", value: 1 });
    expectValueError(() => pairedBootstrap([1, 2], [1, Number.NaN]), { argument: "b", index: 1 });
    expectValueError(() => pairedBootstrap([], []), { argument: "a", value: 0 });
  });
});

describe("bootstrapAsync and pairedBootstrapAsync", () => {
  const a = [3, 5, 2, 8, 1];
  const b = [1, 4, 4, 5, 9];

  it("give the interval of their twins, bit by bit", async () => {
    for (const method of ["bca", "percentile", "basic"] as CiMethod[]) {
      const options = { method, seed: "twin", statistic: median };
      expect(await bootstrapAsync(a, options)).toEqual(bootstrap(a, options));
      expect(await pairedBootstrapAsync(a, b, options)).toEqual(pairedBootstrap(a, b, options));
    }
    expect(await bootstrapAsync(a)).toEqual(bootstrap(a));
  });

  it("let timers run meanwhile and stop at the signal", async () => {
    const controller = new AbortController();
    let computed = 0;
    const statistic = () => computed++;
    setTimeout(() => controller.abort("enough"), 1);
    const endless = bootstrapAsync(a, { reps: 1e8, statistic, signal: controller.signal });
    await expect(endless).rejects.toBeInstanceOf(AbortedError);
    await expect(endless).rejects.toMatchObject({ cause: "enough" });
    const stopped = computed;
    await expect(pairedBootstrapAsync(a, b, { statistic, signal: controller.signal })).rejects.toThrow(AbortedError);
    expect(computed).toBe(stopped);
  });

  it("reject what their twins refuse, under their own name", async () => {
    const refused = { argument: "values", index: 1, value: Number.NaN };
    await expect(bootstrapAsync([1, Number.NaN])).rejects.toMatchObject(refused);
    await expect(bootstrapAsync([1, Number.NaN])).rejects.toThrow(/^bootstrapAsync: /);
    await expect(pairedBootstrapAsync([1, 2], [1])).rejects.toBeInstanceOf(ValueError);
    await expect(pairedBootstrapAsync([1, 2], [1, 2], { reps: 1 })).rejects.toMatchObject({
      argument: "reps",
      value: 1,
    });
  });
});
