import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEachBackend } from "../backends.js";

onEachBackend("unsortedSegmentSum", () => {
  it("adds the rows of each id, for rows of any width and shape", () => {
    const problem = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }))
      .chain(([row, segments]) =>
        fc.tuple(
          fc.constant({ row, segments }),
          fc.array(fc.nat(segments - 1), { minLength: 1, maxLength: 12 }),
          fc.constantFrom("float32", "int32"),
        ),
      );
    fc.assert(
      fc.property(problem, ([{ row, segments }, ids, dtype]) => {
        tf.tidy(() => {
          const x = tf.reshape(tf.range(0, ids.length * row * 2, 1, dtype as "int32"), [ids.length, row, 2]);
          const expected = new Array<number>(segments * row * 2).fill(0);
          for (const [i, id] of ids.entries()) {
            for (let j = 0; j < row * 2; j++) expected[id * row * 2 + j]! += i * row * 2 + j;
          }
          const sum = tf.unsortedSegmentSum(x, tf.tensor1d(ids, "int32"), segments);
          expect(sum.shape).toEqual([segments, row, 2]);
          expect([...sum.dataSync()]).toEqual(expected);
        });
      }),
    );
  });

  it("drops rows of a negative id", () => {
    tf.tidy(() => {
      const sum = tf.unsortedSegmentSum(tf.ones([3, 2]), tf.tensor1d([1, -1, 1], "int32"), 2);
      expect([...sum.dataSync()]).toEqual([0, 0, 2, 2]);
    });
  });
});
