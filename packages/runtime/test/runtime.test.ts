import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "@x/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createRuntime, describeRuntime } from "../src/index.js";
import { backends } from "./backends.js";

const engines = { native: "tensorflow", wasm: "wasm", cpu: "cpu" };

afterEach(() => vi.unstubAllEnvs());

describe("createRuntime", () => {
  it.each(backends)("makes %s the backend of tfjs and says so in one line", async (backend) => {
    const runtime = await createRuntime({ backend });
    expect(runtime.backend).toBe(backend);
    expect(tf.getBackend()).toBe(engines[backend]);
    expect(tf.tidy(() => [...tf.add([1, 2], [3, 4]).dataSync()])).toEqual([4, 6]);
    expect(runtime.report).toMatch(new RegExp(`^${backend}: tfjs ${tf.version_core.replaceAll(".", "\\.")}, [^\n]+$`));
    expect(describeRuntime().startsWith(runtime.report)).toBe(true);
  });

  it.runIf(backends.includes("native"))(
    "says how programs run on TensorFlow, and refuses a way that there is not",
    async () => {
      await createRuntime({ backend: "native" });
      for (const level of ["xla", "graph", "off"]) {
        vi.stubEnv("X_JIT", level);
        expect(describeRuntime()).toMatch(new RegExp(`; jit ${level}$`));
      }
      vi.stubEnv("X_JIT", "fast");
      expect(() => describeRuntime()).toThrow('jit: X_JIT must be off, graph, xla or unset, got "fast"');
    },
  );

  it("takes the fastest backend that loads, and says why a faster one was passed over", async () => {
    vi.stubEnv("X_BACKEND", "");
    const runtime = await createRuntime();
    expect(runtime.backend).toBe(backends.at(-1));
    if (runtime.backend === "wasm") expect(runtime.report).toMatch(/native: .*npm run native/);
  });

  it("obeys X_BACKEND, and the option rather than that", async () => {
    vi.stubEnv("X_BACKEND", "cpu");
    expect((await createRuntime()).backend).toBe("cpu");
    expect((await createRuntime({ backend: "wasm" })).backend).toBe("wasm");
  });

  it("refuses a name that is no backend", async () => {
    vi.stubEnv("X_BACKEND", "abacus");
    await expect(createRuntime()).rejects.toThrow(BackendError);
    await expect(createRuntime()).rejects.toThrow(/must be auto, native, wasm, cpu; got "abacus"/);
  });

  it("leaves no handler for uncaught errors and no flag behind", async () => {
    const before = process.listenerCount("uncaughtException");
    await createRuntime({ backend: "wasm" });
    expect(process.listenerCount("uncaughtException")).toBe(before);
    expect(tf.env().getBool("IS_TEST")).toBe(false);
  });
});
