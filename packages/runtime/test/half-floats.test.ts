import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromBfloat16, fromFloat16, toBfloat16 } from "../src/half-floats.js";
import { readSafetensors } from "../src/index.js";

const patterns = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
const float = (bits: (i: number) => number) =>
  new Float32Array(Uint32Array.from({ length: 1 << 16 }, (_, i) => bits(i)).buffer);

describe("toBfloat16", () => {
  it("rounds as PyTorch does, for every upper half of a float32: ties and others", async () => {
    const lower = { ties: () => 0x8000, others: (i: number) => (i * 40503) % 65536 };
    let compared = 0;
    for await (const { name, data } of readSafetensors(join(import.meta.dirname, "fixtures/bfloat16.safetensors"))) {
      const values = float((i) => ((i << 16) | lower[name as "ties" | "others"](i)) >>> 0);
      const rounded = toBfloat16(values);
      // The file was widened while reading; an upper half identifies a bfloat16, but NaNs are not told apart.
      const expected = new Uint32Array(data.buffer);
      for (let i = 0; i < rounded.length; i++) {
        if (Number.isNaN(values[i])) expect(rounded[i]).toBe(0x7fc0);
        else if (rounded[i] !== expected[i]! >>> 16)
          expect.fail(`${name} ${i}: ${rounded[i]} is not ${expected[i]! >>> 16}`);
      }
      compared++;
    }
    expect(compared).toBe(2);
  });

  it("takes the nearest of all bfloat16, the even one of two", () => {
    const near = (x: number) => fromBfloat16(toBfloat16(Float32Array.of(x)))[0];
    expect(near(1 + 2 ** -8)).toBe(1); // halfway to 1 + 2⁻⁷, whose last bit is odd
    expect(near(1 + 3 * 2 ** -8)).toBe(1 + 2 ** -6);
    expect(near(1 + 2 ** -8 + 2 ** -20)).toBe(1 + 2 ** -7);
    expect(near(3.4e38)).toBe(Number.POSITIVE_INFINITY);
    expect(near(-0)).toBe(-0);
  });

  it("is undone by fromBfloat16 for each of the 65 536 patterns that is a number", () => {
    const wide = fromBfloat16(patterns);
    const back = toBfloat16(wide);
    const wrong = patterns.find((pattern) => !Number.isNaN(wide[pattern]) && back[pattern] !== pattern);
    expect(wrong).toBeUndefined();
    expect(wide.filter(Number.isNaN).length).toBe(2 * 127);
  });
});

describe("fromFloat16", () => {
  it("gives the value of each pattern: increasing, symmetric, 2⁻²⁴ to 65504", () => {
    const wide = fromFloat16(patterns);
    expect([wide[1], wide[0x3c00], wide[0x3555], wide[0x7bff]]).toEqual([
      2 ** -24,
      1,
      Math.fround(1365 * 2 ** -12),
      65504,
    ]);
    expect([wide[0x7c00], wide[0xfc00], wide[0x7e00]]).toEqual([Infinity, -Infinity, Number.NaN]);
    for (let i = 0; i < 0x7c00; i++) {
      expect(wide[i + 1]! > wide[i]! && wide[i + 0x8000] === -wide[i]!).toBe(true);
      if (i >= 0x400 && i < 0x7800) expect(wide[i + 0x400]).toBe(2 * wide[i]!);
    }
  });
});
