import { ConfigError, createRng, StateError, ValueError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Bandit,
  createDumpUcb,
  createEpsilonGreedy,
  createExp3,
  createExp3S,
  createSec,
  createSlidingWindowUcb,
  createThompson,
  createTscl,
  createUcb1,
} from "../../src/bandit/index.js";
import { bandits } from "./all.js";

const arms = ["a", "b", "c", "d"];
const json = (bandit: Bandit) => JSON.stringify(bandit.toJSON());

/** Asks, tells late and in any order, and cancels, as its dice say. */
function* play(bandit: () => Bandit, steps: number, seed: number): Generator<void> {
  const rng = createRng(seed);
  let open: number[] = [];
  for (let i = 0; i < steps; i++) {
    open.push(
      ...bandit()
        .ask(1 + rng.int(3))
        .map((ticket) => ticket.id),
    );
    open = rng.shuffle(open);
    const results = open.splice(0, rng.int(5)).map((ticket) => ({ ticket, signal: rng.int(5) / 4 }));
    bandit().tell(results);
    if (rng.float() < 0.1) bandit().cancel(open.splice(0, 1));
    yield;
  }
}

describe.each(bandits)("%s", (_, make) => {
  it("has probabilities that sum to 1 and are no less than the uniform share", () => {
    const bandit = make({ arms, seed: 3, epsilonUniform: 0.2 });
    for (const _ of play(() => bandit, 60, 1)) {
      const p = bandit.probabilities();
      expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      for (const chance of p) expect(chance).toBeGreaterThanOrEqual(0.05 - 1e-12);
    }
  });

  it("draws arms as often as their probabilities say", () => {
    const [draws, from] = [4000, make({ arms, seed: 5, epsilonUniform: 0.2 })];
    for (const _ of play(() => from, 12, 2));
    from.cancel(from.toJSON().open.map((ticket) => ticket.id));
    const p = from.probabilities();
    const counts = new Float64Array(4);
    for (let i = 0; i < draws; i++) {
      const [ticket] = from.ask();
      counts[arms.indexOf(ticket!.task)]!++;
      from.cancel([ticket!.id]);
    }
    // Four comparisons at 4 standard errors: one false alarm in 4000.
    p.forEach((chance, k) => {
      expect(Math.abs(counts[k]! / draws - chance)).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / draws) + 1e-5);
    });
  });

  it("goes on from its JSON bit for bit, open tickets included", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 499 }), (seed, cut) => {
        const whole = make({ arms, seed, epsilonUniform: 0.1 });
        let parts = make({ arms, seed, epsilonUniform: 0.1 });
        const [a, b] = [play(() => whole, 500, seed), play(() => parts, 500, seed)];
        for (let step = 0; step < 500; step++) {
          a.next();
          b.next();
          if (step === cut) {
            expect(parts.diagnostics.open).toBe(whole.diagnostics.open);
            parts = make({ arms, seed, epsilonUniform: 0.1 }, JSON.parse(json(parts)));
          }
        }
        expect(json(parts)).toBe(json(whole));
        expect(parts.diagnostics).toEqual(whole.diagnostics);
      }),
      { numRuns: 3 },
    );
  });

  it("is in the same state in whichever order a batch is told", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [one, other] = [make({ arms, seed }), make({ arms, seed })];
        for (let step = 0; step < 10; step++) {
          const results = one.ask(6).map(({ id }) => ({ ticket: id, signal: createRng(seed + id).float() }));
          other.ask(6);
          one.tell(results);
          other.tell(createRng(seed).shuffle(results));
        }
        expect(json(other)).toBe(json(one));
      }),
      { numRuns: 10 },
    );
  });

  it("counts no open play once all tickets are told or cancelled", () => {
    const bandit = make({ arms, seed: 1 });
    for (const _ of play(() => bandit, 50, 4));
    const ids = bandit.toJSON().open.map((ticket) => ticket.id);
    expect(ids.length).toBeGreaterThan(3);
    bandit.tell([{ ticket: ids[0]!, signal: 1 }]);
    bandit.cancel(ids.slice(1));
    expect(bandit.toJSON()).toMatchObject({ open: [], data: { open: [0, 0, 0, 0] } });
  });

  it("is as it was before, dice apart, when what it asked is cancelled", () => {
    const bandit = make({ arms, seed: 1 });
    for (const _ of play(() => bandit, 20, 5));
    const before = bandit.probabilities();
    bandit.cancel(bandit.ask(7).map((ticket) => ticket.id));
    expect(bandit.probabilities()).toEqual(before);
  });

  it("logs probabilities under which the estimate of another policy's signal is unbiased", () => {
    const means = [0.2, 0.4, 0.6, 0.9];
    let covered = 0;
    for (let seed = 0; seed < 100; seed++) {
      const bandit = make({ arms, seed, epsilonUniform: 0.2 });
      const rng = createRng(`world ${seed}`);
      const estimates: number[] = [];
      for (let t = 0; t < 250; t++) {
        const [{ id, task, probability }] = bandit.ask() as [ReturnType<Bandit["ask"]>[0]];
        const signal = rng.float() < means[arms.indexOf(task)]! ? 1 : 0;
        estimates.push((signal * 0.25) / probability);
        bandit.tell([{ ticket: id, signal }]);
      }
      const mean = estimates.reduce((a, b) => a + b) / estimates.length;
      const variance = estimates.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (estimates.length - 1);
      if (Math.abs(mean - 0.525) < 1.96 * Math.sqrt(variance / estimates.length)) covered++;
    }
    // Of 95 % intervals fewer than 88 in 100 hold the truth once in 300 times.
    expect(covered).toBeGreaterThanOrEqual(88);
  });

  it.each([
    ["NaN", Number.NaN],
    ["infinite", Infinity],
    ["beyond all reason", 1e300],
  ])("refuses a signal that is %s and stays as it was", (_, value) => {
    const bandit = make({ arms, seed: 1 });
    const [first, second] = bandit.ask(3);
    const before = json(bandit);
    const results = [
      { ticket: second!.id, signal: 1 },
      { ticket: first!.id, signal: value },
    ];
    expect(() => bandit.tell(results)).toThrow(expect.objectContaining({ argument: "signal", index: 1, value }));
    expect(json(bandit)).toBe(before);
  });

  it("needs arms with different names", () => {
    const refusal = (arms: readonly unknown[]) => expect(() => make({ arms: arms as string[], seed: 1 }));
    refusal([]).toThrow(expect.objectContaining({ code: "E_VALUE", argument: "arms", value: 0 }));
    refusal(["a", "b", "a"]).toThrow(expect.objectContaining({ argument: "arms", index: 2, value: "a" }));
    refusal(["a", 7]).toThrow(expect.objectContaining({ argument: "arms", index: 1, value: 7 }));
    expect(make({ arms: ["alone"], seed: 1 }).ask(3)).toMatchObject([{ task: "alone", probability: 1 }, {}, {}]);
  });

  it("refuses the state of other arms", () => {
    const saved = make({ arms, seed: 1 }).toJSON();
    expect(() => make({ arms: ["a", "b"], seed: 1 }, saved)).toThrow(StateError);
  });
});

describe("a bandit", () => {
  it("learns once from a batch, by the mean of each arm", () => {
    const bandit = createSec({ arms: ["0", "1"], seed: 1, learningRate: 0.5 });
    const tickets = bandit.ask(20);
    bandit.tell(tickets.map(({ id, task }) => ({ ticket: id, signal: task === "0" ? (id % 2 ? 2 : 4) : 8 })));
    const zeros = tickets.filter(({ task }) => task === "0").map(({ id }): number => (id % 2 ? 2 : 4));
    const mean = zeros.reduce((a, b) => a + b) / zeros.length;
    expect(Array.from(bandit.values())).toEqual([mean / 2, 4]);
    expect(bandit.diagnostics).toMatchObject({ counts: [zeros.length, 20 - zeros.length], coverage: 1 });
  });

  it("gives batched tickets the probability they were drawn under", () => {
    const bandit = createSec({ arms, seed: 1, temperature: 0.1 });
    for (const _ of play(() => bandit, 5, 1));
    const p = bandit.probabilities();
    for (const ticket of bandit.ask(10)) expect(ticket.probability).toBe(p[arms.indexOf(ticket.task)]);
  });

  it("keeps the order of arms whose names are numbers", () => {
    const bandit = createSec({ arms: ["10", "2", "1"], seed: 1, learningRate: 1 });
    const [ticket] = bandit.ask();
    bandit.tell([{ ticket: ticket!.id, signal: 1 }]);
    const expected = [0, 0, 0];
    expected[["10", "2", "1"].indexOf(ticket!.task)] = 1;
    expect(Array.from(bandit.values())).toEqual(expected);
    expect(createSec({ arms: ["10", "2", "1"], seed: 1, learningRate: 1 }, bandit.toJSON()).values()).toEqual(
      bandit.values(),
    );
  });

  it("says how often, how lately and how evenly it looks at its arms", () => {
    const bandit = createSec({ arms: ["a", "b"], seed: 1, temperature: 1, learningRate: 1 });
    expect(bandit.diagnostics).toMatchObject({ counts: [0, 0], staleness: [0, 0], coverage: 0, effectiveArms: 2 });
    const [ticket] = bandit.ask(1);
    const first = ticket!.task === "a" ? 0 : 1;
    bandit.tell([{ ticket: 0, signal: Math.log(3) }]);
    const seen = bandit.diagnostics;
    expect(seen.counts[first]).toBe(1);
    expect(seen.staleness[first]).toBe(0);
    expect(seen.staleness[1 - first]).toBe(1);
    expect(seen.coverage).toBe(0.5);
    expect(seen.entropy).toBeCloseTo(Math.log(4) - 0.75 * Math.log(3), 12); // p = (¾, ¼)
    expect(seen.effectiveArms).toBeCloseTo(4 / 3 ** 0.75, 12);
    expect(seen).not.toHaveProperty("regret");
  });

  it("maps signals to [0, 1] and clips them when told the range", () => {
    const bandit = createUcb1({ arms: ["a"], seed: 1, rescale: { low: -1, high: 3 } });
    const value = (signal: number) => {
      bandit.tell([{ ticket: bandit.ask()[0]!.id, signal }]);
      return bandit.values()[0]! * bandit.diagnostics.told;
    };
    expect([value(0), value(9), value(-9)]).toEqual([0.25, 1.25, 1.25]);
  });

  it.each([-0.001, 1.001])("that needs signals in [0, 1] refuses %s without a range", (signal) => {
    for (const create of [createUcb1, createExp3, createThompson]) {
      const bandit = create({ arms, seed: 1 });
      bandit.ask();
      const before = json(bandit);
      expect(() => bandit.tell([{ ticket: 0, signal }])).toThrow("signal[0] must be in [0, 1] unless rescale is given");
      expect(json(bandit)).toBe(before);
    }
  });

  it.each<[string, (o: { arms: string[]; seed: number }) => Bandit, string, unknown]>([
    ["epsilonUniform", (o) => createSec({ ...o, epsilonUniform: 1.1 }), "epsilonUniform", 1.1],
    ["rescale.low", (o) => createUcb1({ ...o, rescale: { low: Number.NaN, high: 1 } }), "rescale.low", Number.NaN],
    ["rescale.high", (o) => createUcb1({ ...o, rescale: { low: 1, high: 1 } }), "rescale.high", 1],
    ["initialValue", (o) => createSec({ ...o, initialValue: Infinity }), "initialValue", Infinity],
    ["SEC's learningRate", (o) => createSec({ ...o, learningRate: 0 }), "learningRate", 0],
    ["TSCL's learningRate", (o) => createTscl({ ...o, learningRate: 1.5 }), "learningRate", 1.5],
    ["ε-greedy's learningRate", (o) => createEpsilonGreedy({ ...o, learningRate: -1 }), "learningRate", -1],
    ["ε-greedy's epsilon", (o) => createEpsilonGreedy({ ...o, epsilon: 2 }), "epsilon", 2],
    ["temperature", (o) => createSec({ ...o, temperature: 0 }), "temperature", 0],
    ["epsilon", (o) => createSec({ ...o, method: "epsilon-greedy", epsilon: -0.1 }), "epsilon", -0.1],
    ["UCB1's exploration", (o) => createUcb1({ ...o, exploration: -1 }), "exploration", -1],
    ["Exp3's exploration", (o) => createExp3({ ...o, exploration: 0 }), "exploration", 0],
    ["horizon", (o) => createExp3({ ...o, horizon: 0.5 }), "horizon", 0.5],
    ["sharing", (o) => createExp3S({ ...o, sharing: -1 }), "sharing", -1],
    ["window", (o) => createSlidingWindowUcb({ ...o, window: 0 }), "window", 0],
    [
      "the window's exploration",
      (o) => createSlidingWindowUcb({ ...o, exploration: Infinity }),
      "exploration",
      Infinity,
    ],
    ["DUMP's window", (o) => createDumpUcb({ ...o, window: 1.5 }), "window", 1.5],
    ["DUMP's exploration", (o) => createDumpUcb({ ...o, exploration: Number.NaN }), "exploration", Number.NaN],
    ["DUMP's temperature", (o) => createDumpUcb({ ...o, temperature: Infinity }), "temperature", Infinity],
    ["discount", (o) => createThompson({ ...o, discount: 0 }), "discount", 0],
    ["prior.successes", (o) => createThompson({ ...o, prior: { successes: 0 } }), "prior.successes", 0],
    ["prior.failures", (o) => createThompson({ ...o, prior: { failures: -1 } }), "prior.failures", -1],
    ...(["strength", "shape", "rate"] as const).map(
      (name): [string, (o: { arms: string[]; seed: number }) => Bandit, string, unknown] => [
        `prior.${name}`,
        (o) => createThompson({ ...o, posterior: "gaussian", prior: { [name]: 0 } }),
        `prior.${name}`,
        0,
      ],
    ),
    [
      "prior.mean",
      (o) => createThompson({ ...o, posterior: "gaussian", prior: { mean: Number.NaN } }),
      "prior.mean",
      Number.NaN,
    ],
  ])("refuses %s outside its range by name and value", (_, create, argument, value) => {
    let thrown: unknown;
    try {
      create({ arms, seed: 1 });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ValueError);
    expect(thrown).toMatchObject({ argument, value });
  });

  it.each<[string, object, (o: never) => Bandit]>([
    ["method", { method: "greedy" }, createSec],
    ["unobserved", { unobserved: "forget" }, createSec],
    ["absolute", { absolute: 1 }, createTscl],
    ["counts", { counts: "all" }, createDumpUcb],
    ["posterior", { posterior: "poisson" }, createThompson],
    ["learningRate", { learningRate: "mean" }, createEpsilonGreedy],
  ])("refuses an unknown %s", (argument, wrong, create) => {
    expect(() => create({ arms, seed: 1, ...wrong } as never)).toThrow(expect.objectContaining({ argument }));
  });

  it("refuses options that contradict each other", () => {
    const o = { arms, seed: 1 };
    expect(() => createExp3({ ...o, horizon: 9, exploration: 0.1 })).toThrow(ConfigError);
    expect(() => createSec({ ...o, rescale: { low: 0, high: 1 } } as typeof o)).toThrow(ConfigError);
    expect(() => createSec({ ...o, epsilon: 0.1 })).toThrow(ConfigError);
  });
});
