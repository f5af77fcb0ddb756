import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { createRuntime, nn } from "../src/index.js";
import { registerWasmKernels } from "../src/wasm-kernels.js";

const binary = readFileSync(new URL("../kernels/kernels.wasm", import.meta.url));

/** The numbers of the sections of a wasm module. */
function sections(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    found.push(bytes[at++]!);
    let length = 0;
    for (let shift = 0, byte = 128; byte & 128; shift += 7) {
      byte = bytes[at++]!;
      length |= (byte & 127) << shift;
    }
    at += length;
  }
  return found;
}

describe("kernels.wasm", () => {
  it("is smaller than 16 KB", () => {
    expect(binary.length).toBeLessThan(16 * 1024);
  });

  it("has no data and no start function, since its memory belongs to the backend", () => {
    const [start, data, dataCount] = [8, 11, 12];
    expect(sections(binary).filter((section) => [start, data, dataCount].includes(section))).toEqual([]);
  });
});

describe("registerWasmKernels", () => {
  beforeAll(async () => {
    await createRuntime({ backend: "wasm" });
  });

  it("registers once", async () => {
    const { kernelFunc } = tf.getKernel("BatchMatMul", "wasm");
    await registerWasmKernels();
    expect(tf.getKernel("BatchMatMul", "wasm").kernelFunc).toBe(kernelFunc);
  });

  it("leaves to the stock kernel what ours does not take", () => {
    tf.tidy(() => {
      const x = tf.ones([2, 2], "int32");
      expect(() => tf.matMul(x, x)).toThrow(/not yet supported/);
      expect([...tf.sum(tf.tensor1d([1, 2], "int32")).dataSync()]).toEqual([3]);
    });
  });

  it("goes on working when the memory has grown and moved", () => {
    tf.tidy(() => {
      const early = tf.ones([3, 2000]);
      for (let i = 0; i < 8; i++) tf.zeros([1 << 20]); // 4 MB each; the heap starts with 16
      const late = tf.ones([2000, 3]);
      expect([...tf.matMul(early, late).dataSync()]).toEqual(new Array(9).fill(2000));
      expect(tf.sum(early).dataSync()[0]).toBe(6000);
      expect([...nn.rmsNorm(early, null, 0).dataSync()]).toEqual(new Array(6000).fill(1));
    });
  });
});
