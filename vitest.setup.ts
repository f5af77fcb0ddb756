import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, vi } from "vitest";

// Properties are tried on the same cases at every run; X_SEED=N asks for others.
fc.configureGlobal({ seed: Number(process.env.X_SEED ?? 1) });

// X_TENSORS is set by vitest.config.ts for each project: "runtime" (through @x/runtime), "stock" (plain tfjs) or "none".
const wanted = process.env.X_BACKEND ?? "wasm";

const stock: Record<string, string> = {
  wasm: "@tensorflow/tfjs-backend-wasm",
  cpu: "@tensorflow/tfjs-backend-cpu",
  native: "@tensorflow/tfjs-node-gpu",
};

beforeAll(async () => {
  if (process.env.X_TENSORS === "runtime") {
    const { createRuntime } = await import("@x/runtime");
    await createRuntime({ backend: wanted as "wasm" | "cpu" | "native" });
  } else if (process.env.X_TENSORS === "stock") {
    const tf = await import("@tensorflow/tfjs-core");
    tf.env().set("IS_TEST", true);
    await import(stock[wanted]!);
    await tf.setBackend(wanted === "native" ? "tensorflow" : wanted);
    tf.dispose(tf.scalar(0)); // the banner of the first use
    tf.env().set("IS_TEST", false); // it also turns on a leak check that refuses gradients which save tensors
  }
});

// A test that writes to the console fails: packages do not log.
const methods = ["log", "info", "warn", "error", "debug"] as const;
beforeEach(() => {
  for (const method of methods) vi.spyOn(console, method);
});
afterEach(() => {
  const said = methods.flatMap(
    (method) => vi.mocked(console[method]).mock?.calls.map((call) => `console.${method}: ${call.join(" ")}`) ?? [],
  );
  vi.restoreAllMocks();
  if (said.length > 0) throw new Error(`the test wrote to the console\n${said.join("\n")}`);
});
