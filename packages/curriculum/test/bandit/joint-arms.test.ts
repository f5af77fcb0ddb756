import { ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { createSec, jointArms } from "../../src/bandit/index.js";

describe("jointArms", () => {
  it("names every combination, the last feature fastest, and gives the features back", () => {
    const arms = jointArms([1, 2], ["add", "mul"]);
    expect(arms).toEqual(['[1,"add"]', '[1,"mul"]', '[2,"add"]', '[2,"mul"]']);
    const [ticket] = createSec({ arms, seed: 1 }).ask();
    const [difficulty, kind] = JSON.parse(ticket!.task) as [number, string];
    expect([1, 2]).toContain(difficulty);
    expect(["add", "mul"]).toContain(kind);
  });

  it("keeps apart what a separator would confuse", () => {
    expect(new Set(jointArms(["a", "a-b"], ["c", "b-c"])).size).toBe(4);
    expect(new Set(jointArms(["1"], [1, "1"])).size).toBe(2);
  });

  it("refuses no feature and a feature without values", () => {
    expect(() => jointArms()).toThrow(ValueError);
    expect(() => jointArms([1], [])).toThrow(expect.objectContaining({ argument: "features" }));
  });
});
