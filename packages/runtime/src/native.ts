import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "@x/core";
import { activate, importBackend } from "./backends.js";
import { rawOp, type TensorFlowBackend } from "./tensorflow-binding.js";

/** The packages that bring TensorFlow's binding, in the order in which they are tried; both bring the same one. */
const bindings = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/** Whether the private surface of tfjs-node is the one that `rawOp` expects: 6 ⊕ 3 = 5. */
function selfTest(): void {
  let value: unknown;
  let cause: unknown;
  try {
    value = tf.tidy(() => {
      const inputs = [tf.scalar(6, "int32"), tf.scalar(3, "int32")];
      return tf
        .engine()
        .makeTensorFromTensorInfo(rawOp("BitwiseXor", { T: "int32" }, inputs))
        .dataSync()[0];
    });
  } catch (error) {
    cause = error;
  }
  if (value !== 5) {
    throw new BackendError(`this tfjs-node has another shape than 4.22: ${cause ?? `6 xor 3 = ${value}`}`, { cause });
  }
}

/**
 * Node 23 removed functions of `node:util` that tfjs-node 4.22 calls (tensorflow/tfjs#8425 is merged, never released);
 * this puts them back.
 */
function restoreUtil(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/** Loads TensorFlow's own library through the first of these packages that works. */
export async function loadNative(packages: readonly string[] = bindings): Promise<string> {
  restoreUtil();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  const failures: string[] = [];
  for (const name of packages) {
    try {
      const version = await importBackend(name);
      await activate("tensorflow");
      selfTest();
      const { binding, isUsingGpuDevice } = tf.backend() as TensorFlowBackend;
      return `tfjs ${version}, TensorFlow ${binding.TF_Version}, ${isUsingGpuDevice ? "GPU" : "CPU"}`;
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      failures.push(error.message);
    }
  }
  throw new BackendError(
    `native: ${failures.join("; ")} (in this repository: npm run native; elsewhere: npx x-native)`,
  );
}
