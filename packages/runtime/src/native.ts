import { createRequire } from "node:module";
import { BackendError } from "@x/core";
import { activate, importBackend } from "./backends.js";

/** The packages that bring TensorFlow's binding, in the order in which they are tried; both bring the same one. */
const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/**
 * Node 23 removed functions of `node:util` that tfjs-node 4.22 calls (tensorflow/tfjs#8425 is merged, never released);
 * this puts them back.
 */
function restoreUtil(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isUndefined ??= (value: unknown) => value === undefined;
  util.isArray ??= Array.isArray;
  util.isString ??= (value: unknown) => typeof value === "string";
}

/** Loads TensorFlow's own library through tfjs-node. */
export async function loadNative(): Promise<string> {
  restoreUtil();
  const failures: string[] = [];
  for (const name of packages) {
    try {
      const version = await importBackend(name);
      await activate("tensorflow");
      return `tfjs ${version}, TensorFlow`;
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      failures.push(error.message);
    }
  }
  throw new BackendError(
    `native: ${failures.join("; ")} (in this repository: npm run native; elsewhere: npx x-native)`,
  );
}
