import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { drawIndices } from "../../src/stats/draw-indices.js";

describe("drawIndices", () => {
  it.each([2, 3, 5, 7, 10, 1000, 100_000])(
    "draws all integers below %i alike, neighbours apart from each other",
    (bound) => {
      const out = new Int32Array(200_000);
      drawIndices(createRng(bound), bound, out);
      const cells = Math.min(bound, 10);
      const cell = (x: number) => Math.floor((x / bound) * cells);
      const pairs = new Float64Array(cells * cells);
      for (let i = 0; i + 1 < out.length; i += 2) {
        expect(out[i]! >= 0 && out[i]! < bound).toBe(true);
        pairs[cell(out[i]!) * cells + cell(out[i + 1]!)]!++;
      }
      const expected = out.length / 2 / pairs.length;
      const chiSquare = pairs.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      const freedom = pairs.length - 1;
      expect(Math.abs(chiSquare - freedom) / Math.sqrt(2 * freedom)).toBeLessThan(4);
    },
  );

  it.each([2, 3, 5, 6, 7, 11, 46_340, 46_341, 2 ** 30 - 1])(
    "writes the digits in base %i of the numbers it draws",
    (bound) => {
      const digits = Math.floor(Math.log(2 ** 31 - 0.5) / Math.log(bound) + 1e-12);
      const [rng, out] = [createRng(3), new Int32Array(digits * 2000)];
      drawIndices(createRng(3), bound, out);
      for (let i = 0; i < out.length; i += digits) {
        const word = BigInt(rng.int(bound ** digits));
        for (let d = 0; d < digits; d++)
          expect(BigInt(out[i + d]!)).toBe((word / BigInt(bound) ** BigInt(d)) % BigInt(bound));
      }
    },
  );
});
