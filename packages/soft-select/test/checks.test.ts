import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import {
  checkFits,
  checkMap,
  checkName,
  checkNumber,
  checkRows,
  finite,
  nonNegative,
  positive,
  share,
  wholeIn,
} from "../src/checks.js";
import "./helpers.js";

describe("checks", () => {
  it("throw ShapeError for tensors and ValueError, with the argument and its value, for numbers and names", () => {
    expect(() => checkRows("f", "logits", tf.scalar(1))).toThrow(ShapeError);
    expect(() => checkFits("f", "mask", tf.ones([3]), [2, 2])).toThrow(ShapeError);
    expect(() => checkMap("f", tf.ones([3]), { k: 4 })).toThrow(ValueError);
    expect(() => checkNumber("f", "k", 0.5, wholeIn(0, 1))).toThrow(
      expect.objectContaining({ message: "f: k must be an integer in [0, 1], got 0.5", argument: "k", value: 0.5 }),
    );
    expect(() => checkName("f", "kind", "c", ["a", "b"])).toThrow("f: kind must be one of a, b, got c");
  });

  it.each([
    ["positive", positive, [1e-30, 7], [0, -1]],
    ["nonNegative", nonNegative, [0, 7], [-1]],
    ["finite", finite, [-7, 0], []],
    ["share", share, [0, 0.5, 1], [-0.1, 1.1]],
    ["wholeIn", wholeIn(1, 3), [1, 3], [0, 4, 1.5]],
  ] as const)("know what is %s, and that NaN and ∞ never are", (_, rule, good, bad) => {
    for (const value of good) checkNumber("f", "x", value, rule);
    for (const value of [...bad, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => checkNumber("f", "x", value, rule)).toThrow(`f: x must be ${rule[0]}, got ${value}`);
  });

  it("let through what broadcasts, and scalars unread", () => {
    checkFits("f", "mask", tf.ones([1, 3]), [5, 2, 3]);
    checkFits("f", "mask", tf.scalar(1), [2]);
    checkNumber("f", "share", tf.scalar(7), share);
    checkMap("f", tf.ones([2, 3]), { temperature: 1e-30, k: 3, mask: tf.ones([2, 1]) });
  });
});
