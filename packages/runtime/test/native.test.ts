import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "@x/core";
import { describe, expect, it } from "vitest";
import { createRuntime } from "../src/index.js";
import { loadNative } from "../src/native.js";
import { rawOp } from "../src/tensorflow-binding.js";
import { backends } from "./backends.js";

describe("loadNative", () => {
  it("names each package that failed and the command that helps", async () => {
    const failure = loadNative(["no-binding", "no-other-binding"]);
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow(/no-binding is not installed; no-other-binding is not installed/);
    await expect(failure).rejects.toThrow(/npm run native.*npx x-native/);
  });

  it("puts back what Node 23 removed from node:util", async () => {
    const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
    util.isNullOrUndefined = undefined;
    util.isArray = undefined;
    await expect(loadNative([])).rejects.toThrow(BackendError);
    const [isNullOrUndefined, isArray] = [util.isNullOrUndefined, util.isArray] as ((x: unknown) => boolean)[];
    expect([null, undefined, 0, ""].map((value) => isNullOrUndefined!(value))).toEqual([true, true, false, false]);
    expect(isArray!([])).toBe(true);
  });
});

describe.each(backends.filter((backend) => backend === "native"))("the %s backend of this machine", (backend) => {
  it("is TensorFlow", async () => {
    const { report } = await createRuntime({ backend });
    expect(report).toMatch(/^native: tfjs 4\.\d+\.\d+, TensorFlow \d+\.\d+\.\d+.*, [CG]PU$/);
    expect(tf.getBackend()).toBe("tensorflow");
  });

  it("runs operations that tfjs has no name for", async () => {
    await createRuntime({ backend });
    tf.tidy(() => {
      const [x, y] = [tf.tensor1d([12, -1], "int32"), tf.tensor1d([10, 255], "int32")];
      expect([...rawOp("BitwiseAnd", { T: "int32" }, [x, y]).dataSync()]).toEqual([8, 255]);
    });
  });
});
