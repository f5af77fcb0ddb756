import { readFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "@x/core";
import { hashBitsKernel } from "./hash-bits.js";
import { adamW } from "./wasm/adamw.js";
import { compare } from "./wasm/compare.js";
import { concat, gather, identity, slice, split, tile, unpack } from "./wasm/copy.js";
import { crossEntropy, crossEntropyGrad } from "./wasm/cross-entropy.js";
import { gate, gateGrad } from "./wasm/gate.js";
import { hashBits } from "./wasm/hash-bits.js";
import {
  createHeap,
  functionNames,
  type Heap,
  type WasmBackend,
  type WasmFunctions,
  type WasmMemory,
} from "./wasm/heap.js";
import { batchMatMul, fusedMatMul } from "./wasm/matmul.js";
import { norm, normGrad } from "./wasm/norm.js";
import { reduce } from "./wasm/reduce.js";
import { unsortedSegmentSum } from "./wasm/segment-sum.js";
import { causalSoftmax, softmaxGrad } from "./wasm/softmax.js";
import { unary } from "./wasm/unary.js";

/** A kernel of ours; `undefined` sends the call on to the stock kernel of that name. */
type Kernel<I, A> = (heap: Heap, inputs: I, attrs: A) => tf.TensorInfo | tf.TensorInfo[] | undefined;
type AnyKernel = Kernel<tf.NamedTensorInfoMap, tf.NamedAttrMap>;

/** The part of WebAssembly used here, which TypeScript declares with the DOM only. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
};

const binary = new URL("../kernels/kernels.wasm", import.meta.url);

/** Instantiates `kernels.wasm` on the memory of the backend. */
async function instantiate(memory: WasmMemory): Promise<WasmFunctions> {
  const remedy = "in this repository: npm run kernels -w @x/runtime";
  let functions: Readonly<Record<string, unknown>>;
  try {
    const module = await WebAssembly.instantiate(await readFile(binary), { env: { memory } });
    functions = module.instance.exports;
  } catch (error) {
    throw new BackendError(`wasm: ${binary.pathname} does not load (${remedy}): ${String(error)}`, { cause: error });
  }
  const absent = functionNames.filter((name) => typeof functions[name] !== "function");
  if (absent.length > 0) throw new BackendError(`wasm: ${binary.pathname} lacks ${absent.join(", ")} (${remedy})`);
  return functions as WasmFunctions;
}

/** A kernel for every dtype, with the names that its inputs and attributes have in tfjs. */
function any<I, A>(kernel: Kernel<I, A>): AnyKernel {
  return (heap, inputs, attrs) => kernel(heap, inputs as I, attrs as A);
}

/** A kernel for float32 alone. */
function floats<I, A>(kernel: Kernel<I, A>): AnyKernel {
  return (heap, inputs, attrs) =>
    Object.values(inputs).every((input) => input === undefined || input.dtype === "float32")
      ? kernel(heap, inputs as I, attrs as A)
      : undefined;
}

const kernels: Readonly<Record<string, AnyKernel>> = {
  BatchMatMul: floats(batchMatMul),
  _FusedMatMul: floats(fusedMatMul),
  Sum: floats(reduce("sum")),
  Mean: floats(reduce("mean")),
  Exp: floats(unary("exp")),
  Log: floats(unary("log")),
  Log1p: floats(unary("log1p")),
  Tanh: floats(unary("tanh")),
  Equal: any(compare("equal")),
  NotEqual: any(compare("notEqual")),
  Less: any(compare("less")),
  LessEqual: any(compare("lessEqual")),
  Greater: any(compare("greater")),
  GreaterEqual: any(compare("greaterEqual")),
  Identity: any(identity),
  Slice: any(slice),
  SplitV: any(split),
  Unpack: any(unpack),
  Concat: any(concat),
  Tile: any(tile),
  GatherV2: any(gather),
  UnsortedSegmentSum: any(unsortedSegmentSum),
  // What tfjs has no name for: see `ownKernel`.
  [hashBitsKernel]: any(hashBits),
  AdamW: any(adamW),
  CausalSoftmax: any(causalSoftmax),
  Gate: any(gate),
  GateGrad: any(gateGrad),
  Norm: any(norm),
  NormGrad: any(normGrad),
  SoftmaxGrad: any(softmaxGrad),
  SparseCrossEntropy: any(crossEntropy),
  SparseCrossEntropyGrad: any(crossEntropyGrad),
};

let served: WasmBackend | undefined;

/**
 * Registers the functions of `kernels/*.ts` as kernels of the current (wasm) backend, in place of the stock ones, which
 * stay for what ours do not take, such as other dtypes.
 *
 * @throws BackendError when `kernels.wasm` is absent, old, or does not fit this tfjs.
 */
export async function registerWasmKernels(): Promise<void> {
  const backend = tf.backend() as WasmBackend;
  if (backend === served) return;
  const memory = backend.wasm?.asm?.memory;
  if (!(memory?.buffer instanceof ArrayBuffer) || typeof backend.wasm._malloc !== "function") {
    throw new BackendError("wasm: this tfjs-backend-wasm has another shape than 4.22: no memory or no _malloc");
  }
  const stock = new Map<string, tf.KernelFunc>();
  const heap = createHeap(backend, await instantiate(memory), stock);
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    const replaced = tf.getKernel(kernelName, "wasm");
    if (replaced) {
      stock.set(kernelName, replaced.kernelFunc);
      tf.unregisterKernel(kernelName, "wasm");
    }
    tf.registerKernel({
      ...replaced,
      kernelName,
      backendName: "wasm",
      kernelFunc: ({ inputs, attrs = {} }) => kernel(heap, inputs, attrs) ?? heap.stock(kernelName, inputs, attrs),
    });
  }
  served = backend;
}
