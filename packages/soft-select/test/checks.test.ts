import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { checkFits, checkInteger, checkMap, checkNumber, checkOneOf, checkRows } from "../src/checks.js";
import "./helpers.js";

describe("checks", () => {
  it("throw ShapeError for tensors and ValueError, with the argument and its value, for numbers and names", () => {
    expect(() => checkRows("f", "logits", tf.scalar(1))).toThrow(ShapeError);
    expect(() => checkFits("f", "mask", tf.ones([3]), [2, 2])).toThrow(ShapeError);
    expect(() => checkMap("f", tf.ones([3]), { k: 4 })).toThrow(ValueError);
    expect(() => checkInteger("f", "k", 0.5, [0, 1])).toThrow(expect.objectContaining({ argument: "k", value: 0.5 }));
    expect(() => checkNumber("f", "share", 2, [0, 1])).toThrow("f: share must be in [0, 1], got 2");
    expect(() => checkOneOf("f", "kind", "c", ["a", "b"])).toThrow("f: kind must be one of a, b, got c");
  });

  it("let through what broadcasts and what is in range, bounds included", () => {
    checkFits("f", "mask", tf.ones([1, 3]), [5, 2, 3]);
    checkFits("f", "mask", tf.scalar(1), [2]);
    checkInteger("f", "k", 1, [1, 1]);
    checkNumber("f", "share", tf.scalar(7), [0, 1]); // not read
    checkMap("f", tf.ones([2, 3]), { temperature: 1e-30, k: 3, mask: tf.ones([2, 1]) });
  });
});
