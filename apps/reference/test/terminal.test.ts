import { afterEach, describe, expect, it, vi } from "vitest";
import { printable, progressLines, table, watching } from "../src/terminal.js";

afterEach(() => void vi.useRealTimers());

describe("progressLines", () => {
  type Shown = readonly [ms: number, stage: string, step: number, total: number];

  /** The lines, with the time of each, that steps shown at the times given in ms make. */
  function linesOf(...shown: readonly Shown[]) {
    const lines: { ms: number; line: string }[] = [];
    let ms = 0;
    const now = () => 5_000_000 + ms;
    const show = progressLines((line) => lines.push({ ms, line }), 1000, now);
    for (const [time, stage, step, total] of shown) {
      ms = time;
      show(stage, step, total, { loss: step / 8 });
    }
    return lines;
  }

  it("prints the first step at once, then at most a line an interval, and the last step in any case", () => {
    const steps = Array.from({ length: 40 }, (_, i): Shown => [i * 100, "base", i + 1, 40]);
    expect(linesOf(...steps).map(({ ms }) => ms)).toEqual([0, 1000, 2000, 3000, 3900]);
  });

  it("prints the first step of each stage at once", () => {
    const lines = linesOf([0, "a", 1, 9], [100, "a", 2, 9], [200, "b", 1, 9], [300, "b", 2, 9]);
    expect(lines.map(({ ms }) => ms)).toEqual([0, 200]);
  });

  it("says time, stage, step, total and numbers", () => {
    expect(linesOf([0, "base", 1, 400], [61_500, "base", 7, 400]).map(({ line }) => line)).toEqual([
      " 0:00  base                     1/400  loss 0.1250",
      " 1:01  base                     7/400  loss 0.8750",
    ]);
  });
});

describe("watching", () => {
  it("says what begins before it does, that it goes on at each interval, and nothing after it ended", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    const said: string[] = [];
    const watch = watching((line) => said.push(line), 1000);
    const work = watch("clustering", async () => {
      expect(said).toEqual(["clustering"]);
      await vi.advanceTimersByTimeAsync(2500);
      return 7;
    });
    expect(await work).toBe(7);
    await vi.advanceTimersByTimeAsync(5000);
    expect(said).toEqual(["clustering", "clustering: 1 s", "clustering: 2 s"]);
  });

  it("passes errors on and is silent after them", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    const said: string[] = [];
    const failing = watching((line) => said.push(line), 1000)("embedding", () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    await vi.advanceTimersByTimeAsync(5000);
    expect(said).toEqual(["embedding"]);
  });
});

describe("table", () => {
  it("makes columns of equal width, the first to the left and the others to the right", () => {
    const rows = ["arm nats", "plain 1.25", "a 10.5"].map((row) => row.split(" "));
    expect(table(rows).split("\n")).toEqual(["arm    nats", "plain  1.25", "a      10.5"]);
  });
});

describe("printable", () => {
  it("replaces what drives a terminal: escapes, returns, bells, bidi and zero-width characters", () => {
    expect(printable("\u001b[31mred\u001b[0m")).toBe("\ufffd[31mred\ufffd[0m");
    for (const character of "\u0000\u0007\b\r\u007f\u009b\u200b\u200f\u202e\u2066\ufeff")
      expect(printable(`a${character}b`)).toBe("a\ufffdb");
  });

  it("keeps newlines, tabs and every letter", () => {
    const text = "one\n\ttwo – Größe, 日本語, 🙂, [95 %]";
    expect(printable(text)).toBe(text);
  });
});
