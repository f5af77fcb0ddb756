import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { pullBack } from "../src/simplex.js";
import { expectClose } from "./helpers.js";

describe("pullBack", () => {
  it("is (diag(s) − s sᵀ / Σs) g", () => {
    const s = [0.9, 0.4, 0.7];
    const g = [1, -2, 0.5];
    const total = s.reduce((a, b) => a + b);
    const wanted = s.map((si, i) =>
      s.reduce((sum, sj, j) => sum + (Number(i === j) * si - (si * sj) / total) * g[j]!, 0),
    );
    expectClose(pullBack(tf.tensor1d(g), tf.tensor1d(s)), wanted);
  });

  it("is 0 where all slopes are 0", () => {
    expectClose(pullBack(tf.ones([2, 3]), tf.zeros([2, 3])), [0, 0, 0, 0, 0, 0], { atol: 0 });
  });
});
