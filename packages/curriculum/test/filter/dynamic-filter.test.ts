import { AbortedError, createRng, ValueError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DynamicFilterOptions, dynamicFilter, type FilterEvent, keepsGroup } from "../../src/filter/index.js";

interface Numbered {
  readonly id: number;
  readonly rewards: number[];
}

/** Groups of G Bernoulli(p) rewards, numbered; `asked` records how many were wanted. */
function randomSource(seed: number, p: number, G: number) {
  const rng = createRng(seed);
  const asked: number[] = [];
  let id = 0;
  const source = (n: number) => {
    asked.push(n);
    return Array.from({ length: n }, () => ({
      id: id++,
      rewards: Array.from({ length: G }, () => (rng.float() < p ? 1 : 0)),
    }));
  };
  return { source, asked };
}

const fixed = (rewards: number[]) => (n: number) => Array.from({ length: n }, (_, id) => ({ id, rewards }));

async function all<E>(events: AsyncIterable<E>): Promise<E[]> {
  const list: E[] = [];
  for await (const event of events) list.push(event);
  return list;
}

describe("dynamicFilter", () => {
  it("fills the batch with the first groups that pass, from any random source", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 1, max: 30 }),
        async (seed, p, G, target) => {
          const { source, asked } = randomSource(seed, p, G);
          const drawn: Numbered[] = [];
          const recorded = (n: number) => {
            const groups = source(n);
            drawn.push(...groups);
            return groups;
          };
          const events = await all(dynamicFilter(recorded, { target, maxRounds: 200 }));
          const last = events.at(-1)!;
          const passing = drawn.filter(({ rewards }) => keepsGroup(rewards));
          expect(last.data.kept).toEqual(passing.slice(0, target));
          expect(last.data).toMatchObject({
            drawn: drawn.length,
            acceptRate: passing.length / drawn.length,
            padded: 0,
          });
          expect(last.data.allZero + last.data.allOne).toBe(drawn.length - passing.length);
          expect(events.map(({ data }) => data.done)).toEqual(events.map((_, i) => i === events.length - 1));
          expect(events.map(({ type, step, total }) => [type, step, total])).toEqual(
            asked.map((_, i) => ["round", i + 1, 200]),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("accepts 1 − p^G − (1 − p)^G of the groups: within 4 standard errors on 20 000", async () => {
    const [p, G] = [0.85, 4];
    const { source } = randomSource(7, p, G);
    const [last] = (
      await all(dynamicFilter(() => source(20_000), { target: 20_000, maxRounds: 1, onLimit: "partial" }))
    ).slice(-1);
    const rate = 1 - p ** G - (1 - p) ** G;
    expect(Math.abs(last!.data.acceptRate - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 20_000));
  });

  it("asks for what is missing over the rate so far, at most maxOverAsk times what is missing", async () => {
    const answers = [
      [true, true, false, false, false, false, false, false], // 2 of 8: 6 missing at a rate of 1/4
      [true, true, true, ...Array<boolean>(21).fill(false)], // 5 of 32: 3 missing at 5/32 = 19.2, but no more than 12
      [true, true, true],
    ];
    const asked: number[] = [];
    const source = (n: number) => {
      asked.push(n);
      return answers[asked.length - 1]!.map((mixed) => ({ rewards: mixed ? [0, 1] : [1, 1] }));
    };
    const events = await all(dynamicFilter(source, { target: 8 }));
    expect(asked).toEqual([8, 24, 12]);
    expect(events.map(({ data }) => data.kept.length)).toEqual([2, 5, 8]);
  });

  it("asks maxOverAsk times as much while nothing has passed, and rounds up", async () => {
    const asked: number[] = [];
    const source = (n: number) => {
      asked.push(n);
      return asked.length < 3 ? fixed([0, 0])(n) : fixed([0, 1])(n);
    };
    await all(dynamicFilter(source, { target: 3, maxOverAsk: 1.5 }));
    expect(asked).toEqual([3, 5, 5]);
  });

  it("keeps what a band or a variance says", async () => {
    const groups = [
      [0, 0, 0, 1],
      [0, 0, 1, 1],
      [0, 1, 1, 1],
      [1, 1, 1, 1],
    ].map((rewards, id) => ({ id, rewards }));
    const ids = async (keep: NonNullable<DynamicFilterOptions["keep"]>) => {
      const [event] = await all(dynamicFilter(() => groups, { target: 4, maxRounds: 1, onLimit: "partial", keep }));
      return event!.data.kept.map(({ id }) => id);
    };
    expect(await ids("mixed")).toEqual([0, 1, 2]);
    expect(await ids({ low: 0.5, high: 1 })).toEqual([1, 2, 3]);
    expect(await ids({ variance: 0.9 })).toEqual([1]);
  });

  describe("at the limit", () => {
    const hopeless = (n: number) => [...fixed([0, 0])(n - 1), { id: 99, rewards: [1, 1] }];

    it("throws by default and counts what there was", async () => {
      const failing = all(dynamicFilter(hopeless, { target: 2, maxRounds: 2 }));
      await expect(failing).rejects.toThrow(
        "dynamicFilter: source must give 2 groups that pass in 2 rounds, got 0 of 10 drawn (8 all 0, 2 all 1)",
      );
      await expect(failing).rejects.toMatchObject({ argument: "source", value: 0 });
    });

    it("ends with what there is, if partial", async () => {
      const source = (n: number) => [{ id: 7, rewards: [0, 1] }, ...fixed([1, 1])(n - 1)];
      const events = await all(dynamicFilter(source, { target: 5, maxRounds: 2, onLimit: "partial" }));
      expect(events.at(-1)!.data.kept.map(({ id }) => id)).toEqual([7, 7]);
      expect(events.at(-1)!.data).toMatchObject({ done: true, padded: 0 });
    });

    it("fills up with the groups refused last, if pad", async () => {
      let round = 0;
      const source = () => [
        { id: 10 * round++, rewards: [0, 1] },
        { id: 10 * round + 1, rewards: [1, 1] },
        { id: 10 * round + 2, rewards: [0, 0] },
      ];
      const last = (await all(dynamicFilter(source, { target: 6, maxRounds: 2, onLimit: "pad" }))).at(-1)!;
      expect(last.data.kept.map(({ id }) => id)).toEqual([0, 10, 22, 21, 12, 11]);
      expect(last.data).toMatchObject({ padded: 4, done: true });
    });

    it("pads by repeating when the source gave too few, and throws when it gave none", async () => {
      let calls = 0;
      const one = () => (calls++ === 0 ? [{ id: 5, rewards: [0, 1] }] : []);
      const last = (await all(dynamicFilter(one, { target: 3, maxRounds: 2, onLimit: "pad" }))).at(-1)!;
      expect(last.data.kept.map(({ id }) => id)).toEqual([5, 5, 5]);
      await expect(all(dynamicFilter(() => [], { target: 3, onLimit: "pad" }))).rejects.toThrow("0 of 0 drawn");
    });
  });

  it("stops when its signal fires, before and while the source works, and hands it on", async () => {
    const early = dynamicFilter(fixed([0, 1]), { target: 1, signal: AbortSignal.abort("enough") });
    await expect(all(early)).rejects.toMatchObject({ code: "E_ABORTED", cause: "enough" });
    const controller = new AbortController();
    const seen: (AbortSignal | undefined)[] = [];
    const source = async (_: number, signal?: AbortSignal): Promise<Numbered[]> => {
      seen.push(signal);
      controller.abort("late");
      throw new Error("the source gave up");
    };
    await expect(all(dynamicFilter(source, { target: 1, signal: controller.signal }))).rejects.toBeInstanceOf(
      AbortedError,
    );
    expect(seen).toEqual([controller.signal]);
  });

  it("lets the source's own error through", async () => {
    const source = async (): Promise<Numbered[]> => {
      throw new Error("out of memory");
    };
    await expect(all(dynamicFilter(source, { target: 1 }))).rejects.toThrow("out of memory");
  });

  it.each<[string, DynamicFilterOptions, { argument: string; value?: unknown }]>([
    ["a target of 0", { target: 0 }, { argument: "target", value: 0 }],
    ["half a round", { target: 1, maxRounds: 0.5 }, { argument: "maxRounds", value: 0.5 }],
    ["asking for less than is missing", { target: 1, maxOverAsk: 0.9 }, { argument: "maxOverAsk", value: 0.9 }],
    ["an empty band", { target: 1, keep: { low: 0.8, high: 0.2 } }, { argument: "low", value: 0.8 }],
    ["a variance above 1", { target: 1, keep: { variance: 1.1 } }, { argument: "variance", value: 1.1 }],
    ["an unknown rule", { target: 1, ...JSON.parse('{"keep":"all"}') }, { argument: "keep", value: "all" }],
    ["an unknown limit", { target: 1, ...JSON.parse('{"onLimit":"wait"}') }, { argument: "onLimit", value: "wait" }],
  ])("refuses %s before it asks for anything", async (_, options, details) => {
    const events: FilterEvent<Numbered>[] = [];
    const source = () => {
      throw new Error("was asked");
    };
    await expect(
      (async () => {
        for await (const event of dynamicFilter<Numbered>(source, options)) events.push(event);
      })(),
    ).rejects.toMatchObject({ code: "E_VALUE", ...details });
  });

  it("refuses rewards that are not finite", async () => {
    await expect(all(dynamicFilter(fixed([1, Number.NaN]), { target: 1 }))).rejects.toBeInstanceOf(ValueError);
  });
});
