import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";
import { expectGradients } from "./check.js";

const [B, T, H, D] = [2, 3, 2, 4];
/** The value at [b, h, t, d] of the split lies at [b, t, h·D + d] of the whole. */
const places = Array.from({ length: B * H * T * D }, (_, i) => {
  const [b, h, t, d] = [Math.floor(i / (H * T * D)), Math.floor(i / (T * D)) % H, Math.floor(i / D) % T, i % D];
  return (b * T + t) * H * D + h * D + d;
});

onEachBackend("splitHeads and mergeHeads", () => {
  it("splitHeads moves [b, t, h·D + d] to [b, h, t, d]", () => {
    expectGradients(
      (x) => nn.splitHeads(x!, H),
      (x) => places.map((place) => x![place]!),
      [[B, T, H * D]],
    );
  });

  it("mergeHeads is its inverse", () => {
    expectGradients(
      (x) => tf.tidy(() => nn.mergeHeads(nn.splitHeads(x!, H))),
      (x) => x!,
      [[B, T, H * D]],
    );
    expect(nn.mergeHeads(tf.zeros([B, H, T, D])).shape).toEqual([B, T, H * D]);
  });

  it("throws ShapeError for another rank, heads that do not divide the width, and an empty tensor", () => {
    expect(() => nn.splitHeads(tf.zeros([2, 6]), 2)).toThrow(ShapeError);
    expect(() => nn.splitHeads(tf.zeros([2, 3, 6]), 4)).toThrow(
      "splitHeads: x must be [B, T, H·D] with H = 4, got [2,3,6]",
    );
    expect(() => nn.splitHeads(tf.zeros([2, 3, 6]), 0)).toThrow(ShapeError);
    expect(() => nn.mergeHeads(tf.zeros([2, 3, 6]))).toThrow(ShapeError);
    expect(() => nn.splitHeads(tf.zeros([0, 3, 6]), 2)).toThrow("splitHeads: tensors must not be empty");
    expect(() => nn.mergeHeads(tf.zeros([0, 2, 3, 6]))).toThrow("mergeHeads: tensors must not be empty");
  });
});
