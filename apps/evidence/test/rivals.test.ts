import { describe, expect, it, vi } from "vitest";
import type { Goal } from "../src/benchmark.js";
import { compareRuns, sameLoss } from "../src/rivals.js";
import type { Worker } from "../src/worker.js";

// Nothing has to come to rest here.
vi.mock("node:timers/promises", () => ({ setTimeout: async () => undefined }));

/** A worker whose every run takes so long; `asked` is what it was asked. */
function steady(ms: number, first: object = {}) {
  const asked: string[] = [];
  const worker: Worker = {
    async ask<T>(command: string) {
      asked.push(command);
      return { ms: new Array<number>(Number(command.split(" ")[1])).fill(ms), ...first } as T;
    },
    close() {},
  };
  return { worker, asked };
}

const base = { name: "step", command: "steps", check: () => undefined, say: () => undefined };

describe("compareRuns", () => {
  it("times as many runs as take about a second, at least one and at most a hundred, after three", async () => {
    const sides = [steady(200), steady(5000), steady(1)];
    const [ours, ...rivals] = sides.map(({ worker }) => worker);
    await compareRuns({ ...base, ours: ours!, rivals: rivals.map((worker, i) => ({ id: `${i}`, worker, goal: {} })) });
    expect(sides.map(({ asked }) => asked)).toEqual(
      [5, 1, 100].map((count) => ["steps 1", "steps 2", ...new Array<string>(6).fill(`steps ${count}`)]),
    );
  });

  it("divides times where lower is better, and what is made a second where higher is", async () => {
    const rival = (id: string, better: "lower" | "higher") => ({ id, worker: steady(400).worker, goal: { better } });
    const { ratios, spread } = await compareRuns({
      ...base,
      ours: steady(100).worker,
      rivals: [rival("times", "lower"), rival("rates", "higher")],
      makes: { count: 20, name: "tokens" },
    });
    expect(ratios).toMatchObject([
      { id: "step/times", ours: 100, peer: 400, ratio: 0.25 },
      { id: "step, tokens per second/rates", ours: 200, peer: 50, ratio: 4 },
    ]);
    expect(spread).toBe(0);
  });

  it("measures all again while a rival that must be beaten strays, three times at most", async () => {
    // The first two runs of a side are no rounds; then six rounds each time.
    const restless = (calmFrom: number) => {
      const { worker, asked } = steady(400);
      const ms = () => (asked.length < 2 + calmFrom && asked.length % 2 === 0 ? 1000 : 400);
      return {
        asked,
        worker: {
          ...worker,
          ask: async <T>(command: string) => ({ ...(await worker.ask<object>(command)), ms: [ms(), ms()] }) as T,
        },
      };
    };
    const compare = async (calmFrom: number, goal: Goal) => {
      const [ours, peer] = [steady(100), restless(calmFrom)];
      const said: string[] = [];
      const { ratios } = await compareRuns({
        ...{ ...base, say: (line: string) => said.push(line), ours: ours.worker },
        rivals: [{ id: "peer", worker: peer.worker, goal }],
      });
      const again = said.filter((line) => line === "step: peer strays, all are measured again").length;
      expect([ours, peer].map(({ asked }) => (asked.length - 2) / 6)).toEqual([again + 1, again + 1]);
      return { again, pass: ratios[0]!.pass };
    };
    expect(await compare(0, { must: 1 })).toEqual({ again: 0, pass: true });
    expect(await compare(6, { must: 1 })).toEqual({ again: 1, pass: true });
    expect(await compare(99, { must: 1 })).toEqual({ again: 2, pass: null });
    expect(await compare(99, { aim: 1 })).toEqual({ again: 0, pass: null });
  });

  it("compares the first answer of every rival with ours before any round", async () => {
    const peer = steady(100, { loss: 6 });
    const comparison = {
      ...{ ...base, ours: steady(100, { loss: 5.5 }).worker, check: sameLoss },
      rivals: [{ id: "peer", worker: peer.worker, goal: {} }],
    };
    await expect(compareRuns(comparison)).rejects.toThrow(/^loss at the start: .* 5\.5, 6$/);
    expect(peer.asked).toEqual(["steps 1"]);
  });
});

describe("sameLoss", () => {
  it("accepts losses within 2 %", () => {
    expect(() => sameLoss({ loss: 5.55 }, { loss: 5.5 })).not.toThrow();
    expect(() => sameLoss({ loss: 5.8 }, { loss: 5.5 })).toThrow("loss at the start");
  });
});
