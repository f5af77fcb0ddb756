import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, it } from "vitest";
import { amongTop, sortedDifferences } from "../src/top-k.js";
import { expectClose } from "./helpers.js";

describe("amongTop", () => {
  it("puts a map of the k largest back in their places, the lowest index first among ties", () => {
    const row = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(row, row, fc.integer({ min: 1, max: 4 }), (a, b, k) => {
        const wanted = [a, b].flatMap((z) => {
          const order = z.map((_, i) => i).sort((i, j) => z[j]! - z[i]! || i - j);
          return z.map((v, i) => (order.indexOf(i) < k ? v + 1 : 0));
        });
        expectClose(
          amongTop(k, (x) => tf.add(x, 1), tf.tensor3d([...a, ...b], [2, 1, 4])),
          wanted,
        );
      }),
    );
  });
});

describe("sortedDifferences", () => {
  it("sorts downwards, cuts at −1 and counts from 1", () => {
    const { sorted, ranks } = sortedDifferences(tf.tensor2d([-0.5, 0, -3e38, 0, -0.25, -1], [2, 3]));
    expectClose(sorted, [0, -0.5, -1, 0, -0.25, -1], { atol: 0 });
    expectClose(ranks, [1, 2, 3], { atol: 0 });
  });
});
