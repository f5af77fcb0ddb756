import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { columnSums } from "../../src/nn/column-sums.js";
import { onEachBackend } from "../backends.js";
import { expectClose } from "../expect-close.js";

onEachBackend("columnSums", () => {
  it("sums over all axes but the last", () => {
    const values = Array.from({ length: 12 }, (_, i) => i);
    for (const shape of [
      [6, 2],
      [3, 2, 2],
      [1, 3, 2, 2],
    ])
      expectClose(columnSums(tf.tensor(values, shape)).dataSync(), [30, 36], {});
    const row = columnSums(tf.tensor([1, 2]));
    expect([row.shape, ...row.dataSync()]).toEqual([[2], 1, 2]);
  });
});
