import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "@x/core";

/** A WebAssembly.Memory. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What this package uses of the stock wasm backend: its heap, where its tensors lie, and its allocator. */
export interface WasmBackend extends tf.KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WasmMemory };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(id: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
}

/** The functions that `kernels/index.ts` exports. */
export const functionNames = [
  "adamW",
  "causalSoftmax",
  "compareF32",
  "compareI32",
  "copyRuns",
  "crossEntropy",
  "crossEntropyGrad",
  "exp",
  "gate",
  "gateGrad",
  "gatherRows",
  "hashBits",
  "log",
  "log1p",
  "matmul",
  "norm",
  "normGrad",
  "segmentSumF32",
  "segmentSumI32",
  "softmaxGrad",
  "sum",
  "tanh",
] as const;
export type WasmFunctions = Readonly<Record<(typeof functionNames)[number], (...args: number[]) => number>>;

/** The tensors of the wasm backend as our functions see them: addresses in bytes on its heap. */
export interface Heap {
  readonly call: WasmFunctions;
  address(tensor: tf.TensorInfo): number;
  /** The numbers of an int32 tensor, to be read at once: an allocation may move the heap. */
  integers(tensor: tf.TensorInfo): Int32Array;
  /** A new tensor of the backend, not filled; the caller owns it. */
  output(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** Drops an intermediate tensor that no one else has seen. */
  dispose(tensor: tf.TensorInfo): void;
  /** A tensor of its own with the data of `x`, nothing copied. */
  share(x: tf.TensorInfo): tf.TensorInfo;
  /** The address of `bytes` bytes that hold until the next call of `scratch`. */
  scratch(bytes: number): number;
  /** Runs a stock kernel of the backend by its name. */
  stock(name: string, inputs: tf.NamedTensorInfoMap, attrs?: tf.NamedAttrMap): tf.TensorInfo;
}

/** Wraps the backend; one heap serves it for its whole life. */
export function createHeap(backend: WasmBackend, call: WasmFunctions, stock: ReadonlyMap<string, tf.KernelFunc>): Heap {
  let scratchAddress = 0;
  let scratchBytes = 0;
  return {
    call,
    address: (tensor) => backend.dataIdMap.get(tensor.dataId).memoryOffset,
    integers(tensor) {
      const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
      return new Int32Array(backend.wasm.asm.memory.buffer, memoryOffset, tf.util.sizeFromShape(tensor.shape));
    },
    output: (shape, dtype) => backend.makeOutput(shape, dtype),
    dispose: (tensor) => void backend.disposeData(tensor.dataId),
    share(x) {
      backend.incRef(x.dataId);
      return { ...x };
    },
    scratch(bytes) {
      if (bytes > scratchBytes) {
        if (scratchAddress !== 0) backend.wasm._free(scratchAddress);
        scratchAddress = backend.wasm._malloc(bytes) >>> 0;
        scratchBytes = scratchAddress === 0 ? 0 : bytes;
        if (scratchAddress === 0) throw new BackendError(`wasm: out of memory (${bytes} bytes of scratch)`);
      }
      return scratchAddress;
    },
    stock(name, inputs, attrs = {}) {
      const run = stock.get(name) ?? tf.getKernel(name, "wasm").kernelFunc;
      return run({ inputs, attrs, backend }) as tf.TensorInfo;
    },
  };
}
