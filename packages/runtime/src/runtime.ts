import { BackendError } from "@x/core";
import { loadCpu } from "./backends.js";
import { registerHashBits } from "./hash-bits.js";
import { jitLevel } from "./jit.js";
import { loadNative } from "./native.js";
import { correctScanAxis } from "./scan-axis.js";
import { loadWasm } from "./wasm-backend.js";

/** The tensor engines in the order in which `createRuntime` tries them. */
export type BackendName = "native" | "wasm" | "cpu";

/** What `createRuntime` chose for this process. */
export interface Runtime {
  readonly backend: BackendName;
  /** One line: what was chosen and, when a faster backend was tried in vain, why not that one. */
  readonly report: string;
}

const loaders: Record<BackendName, () => Promise<string>> = {
  native: () => loadNative(),
  wasm: loadWasm,
  cpu: loadCpu,
};
const order = Object.keys(loaders) as readonly BackendName[];

let current: Runtime | undefined;

/**
 * Chooses the backend that every tensor function of this process runs on.
 *
 * `"auto"` takes the first that loads of `native` (TensorFlow through `@tensorflow/tfjs-node-gpu` or
 * `@tensorflow/tfjs-node`), `wasm` (with the kernels of this package) and `cpu`; why one was passed over stands in
 * `report`. A backend asked for by name is taken or refused. tfjs keeps one engine for the process, so this is called
 * once, by an application or a test's set-up; a later call switches.
 *
 * @param options.backend - default: the environment variable `X_BACKEND`, else `"auto"`.
 * @throws BackendError when the name is unknown, the backend asked for does not load, or it was made for another
 *   tfjs-core than the one installed here.
 */
export async function createRuntime(options: { readonly backend?: "auto" | BackendName } = {}): Promise<Runtime> {
  const wanted = options.backend ?? (process.env.X_BACKEND || "auto");
  const candidates = wanted === "auto" ? order : order.filter((name) => name === wanted);
  if (candidates.length === 0) {
    throw new BackendError(`createRuntime: backend must be auto, ${order.join(", ")}; got ${JSON.stringify(wanted)}`);
  }
  const failures: BackendError[] = [];
  for (const backend of candidates) {
    try {
      const report = [`${backend}: ${await loaders[backend]()}`, ...failures.map((f) => f.message)].join("; ");
      registerHashBits();
      correctScanAxis();
      current = { backend, report };
      return current;
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      failures.push(error);
    }
  }
  throw new BackendError(`createRuntime: ${failures.map((f) => f.message).join("; ")}`, { cause: failures.at(-1) });
}

/** The report of the last `createRuntime` in one line, and on TensorFlow how `jit` runs programs. */
export function describeRuntime(): string {
  if (current === undefined) return "no backend chosen: call createRuntime()";
  return current.backend === "native" ? `${current.report}; jit ${jitLevel()}` : current.report;
}
