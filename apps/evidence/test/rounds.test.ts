import { describe, expect, it } from "vitest";
import { interleave } from "../src/rounds.js";

describe("interleave", () => {
  it("measures every side once in each of six rounds, every other round in the opposite order", async () => {
    const asked: string[] = [];
    const said: Record<string, number>[] = [];
    const side = (name: string) => async () => asked.push(name);
    const sides = { a: side("a"), b: side("b"), c: side("c") };
    const measured = await interleave(sides, (round) => said.push(round));
    expect(asked.join("")).toBe("abccba".repeat(3));
    expect(measured).toEqual({ a: [1, 6, 7, 12, 13, 18], b: [2, 5, 8, 11, 14, 17], c: [3, 4, 9, 10, 15, 16] });
    expect(said).toHaveLength(6);
    expect(said[1]).toEqual({ a: 6, b: 5, c: 4 });
  });

  it("fails with the side that fails", async () => {
    const sides = { a: async () => 1, b: () => Promise.reject(new Error("gone")) };
    await expect(interleave(sides, () => undefined)).rejects.toThrow("gone");
  });
});
