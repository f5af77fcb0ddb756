import { describe, expect, it } from "vitest";
import { secSimulated } from "../src/experiments/sec-simulated.js";

const run = (seeds: readonly number[]) => secSimulated.run({ seeds, data: undefined, say() {} });

describe("secSimulated", () => {
  it("gives the same numbers for the same seeds and others for others, each criterion once", async () => {
    const [first, again, other] = [await run([0, 1]), await run([0, 1]), await run([0, 2])];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const ids = first.criteria.map((criterion) => criterion.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
