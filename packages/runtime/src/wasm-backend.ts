import { activate, importBackend } from "./backends.js";
import { registerWasmKernels } from "./wasm-kernels.js";

/** Loads the WebAssembly backend and puts the kernels of this package over its own. */
export async function loadWasm(): Promise<string> {
  const emitter: NodeJS.EventEmitter = process;
  const events = ["uncaughtException", "unhandledRejection"];
  const before = events.map((event) => emitter.rawListeners(event));
  const version = await importBackend("@tensorflow/tfjs-backend-wasm");
  await activate("wasm");
  // Its loader rethrows every error of the process from inside its own bundle; the errors are not its business.
  for (const [i, event] of events.entries()) {
    for (const listener of emitter.rawListeners(event)) {
      if (!before[i]!.includes(listener)) emitter.removeListener(event, listener as () => void);
    }
  }
  await registerWasmKernels();
  return `tfjs ${version}, SIMD, kernels of @x/runtime`;
}
