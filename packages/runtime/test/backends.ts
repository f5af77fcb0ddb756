import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { beforeAll, describe } from "vitest";
import { type BackendName, createRuntime } from "../src/index.js";

/** Whether `npm run native`, or the package's own download, has put TensorFlow in place. */
function hasNative(): boolean {
  try {
    const path = createRequire(import.meta.url).resolve("@tensorflow/tfjs-node-gpu/package.json");
    const addons = join(dirname(path), "lib");
    return existsSync(addons) && readdirSync(addons).length > 0;
  } catch {
    return false;
  }
}

/** The backends of this machine. */
export const backends: readonly BackendName[] = hasNative() ? ["cpu", "wasm", "native"] : ["cpu", "wasm"];

/** The same tests on each backend of this machine. */
export function onEachBackend(title: string, tests: () => void): void {
  describe.each(backends)(`${title} on %s`, (backend) => {
    beforeAll(async () => {
      await createRuntime({ backend });
    });
    tests();
  });
}
