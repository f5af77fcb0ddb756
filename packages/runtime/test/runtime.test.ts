import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { createRuntime, describeRuntime } from "../src/index.js";

describe("createRuntime", () => {
  it.each([
    ["cpu", "cpu"],
    ["wasm", "wasm"],
  ] as const)("makes %s the backend of tfjs", async (backend, engine) => {
    const runtime = await createRuntime({ backend });
    expect(runtime.backend).toBe(backend);
    expect(tf.getBackend()).toBe(engine);
    expect(Array.from(tf.add([1, 2], [3, 4]).dataSync())).toEqual([4, 6]);
    expect(runtime.report).toMatch(new RegExp(`^${backend}: tfjs 4\\.22\\.0`));
    expect(runtime.report).not.toContain("\n");
    expect(describeRuntime()).toBe(runtime.report);
  });

  it("leaves no handler for uncaught errors behind", async () => {
    const before = process.listenerCount("uncaughtException");
    await createRuntime({ backend: "wasm" });
    expect(process.listenerCount("uncaughtException")).toBe(before);
  });
});
