import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { $digits, $shown, takeReached } from "../src/shown.js";

describe("$shown", () => {
  it("accepts the value and refuses another one, naming the line", () => {
    $shown(3, { a: [1, "b"] }, { a: [1, "b"] });
    expect(() => $shown(7, { a: [1, "b"] }, { a: [1, "c"] })).toThrow("line 7");
    expect(() => $shown(7, 1.0001, 1)).toThrow();
  });

  it("shows typed arrays and tensors as arrays, at any depth", () => {
    $shown(1, new Float32Array([0.5, 0.25]), [0.5, 0.25]);
    const x = tf.tensor2d([[1, 2]]);
    $shown(2, { x: [x] }, { x: [[[1, 2]]] });
    x.dispose();
  });

  it("remembers which lines were reached", () => {
    takeReached();
    $shown(9, 1, 1);
    $shown(2, 1, 1);
    expect(takeReached()).toEqual([2, 9]);
    expect(takeReached()).toEqual([]);
  });
});

describe("$digits", () => {
  it.each([
    ["0.63", 0.6321, 0.636],
    ["-1.5e-3", -0.00152, -0.00156],
    ["2e3", 2400, 2600],
    ["1.0", 1.04, 1.06],
    ["12_000.5", 12000.51, 12000.6],
  ])("%s stands for %d, not for %d", (written, near, far) => {
    $shown(1, near, $digits(written));
    expect(() => $shown(1, far, $digits(written))).toThrow();
  });
});
