import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { onEachBackend } from "../backends.js";
import { expectClose } from "../expect-close.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const spread = (low: number, high: number) => Array.from({ length: 1001 }, (_, i) => low + ((high - low) * i) / 1000);
const powers = spread(-80, 80).map(Math.exp);

/** Name, the function of tfjs, the same in float64, arguments over its range, and the arguments where it is exact. */
const functions = [
  ["exp", tf.exp, Math.exp, [...spread(-87.33, 88.72), ...spread(-1, 1)], [0, -infinity, infinity, nan, -200, 100]],
  ["log", tf.log, Math.log, [...powers, ...spread(0.5, 1.5)], [1, 0, infinity, nan, -1, -infinity]],
  ["log1p", tf.log1p, Math.log1p, [...powers, ...spread(-0.999, 1), 1e-7, -1e-7], [0, -1, infinity, nan, -2]],
  ["tanh", tf.tanh, Math.tanh, [...spread(-10, 10), ...spread(-0.7, 0.7), 1e-7], [0, infinity, -infinity, nan, 50]],
] as const;

onEachBackend("elementary functions", () => {
  it.each(functions)(
    "%s is within 4 units in the last place of the value in float64",
    (_, function32, f, range, exact) => {
      tf.tidy(() => {
        const x = Float32Array.from(range);
        expectClose(function32(tf.tensor1d(x)).dataSync(), Array.from(x, f), { rtol: 4 * 2 ** -23, atol: 1e-38 });
        const limits = function32(tf.tensor1d([...exact])).dataSync();
        expect([...limits].map((y) => y + 0)).toEqual(exact.map((value) => Math.fround(f(value)) + 0));
      });
    },
  );

  it("treat the last elements like the others", () => {
    for (const size of [1, 2, 3, 5, 6, 7, 16, 17, 23]) {
      tf.tidy(() => {
        const x = Float32Array.from({ length: size }, (_, i) => 0.3 + i);
        for (const [, function32, f] of functions) {
          expectClose(function32(tf.tensor1d(x)).dataSync(), Array.from(x, f), { rtol: 1e-6 });
        }
      });
    }
  });
});
