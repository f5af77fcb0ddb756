import * as tf from "@tensorflow/tfjs-core";
import { rawOp } from "./tensorflow-binding.js";

/** The name under which the hash is registered with tfjs for every backend. */
export const hashBitsKernel = "HashBits";

/** What the kernel takes beside its one input, the key: an int32 scalar, or `[B]` for as many streams. */
export interface HashBitsAttributes extends tf.NamedAttrMap {
  readonly size: number;
  readonly offset: number;
}

const multipliers = [0x7feb352d, 0x846ca68b] as const;

/** A 32-bit finaliser of xor-shifts and products: every bit of x reaches every bit of the result. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), multipliers[0]);
  x = Math.imul(x ^ (x >>> 15), multipliers[1]);
  return x ^ (x >>> 16);
}

/**
 * One word of the counter-based random stream of `key`, 24 bits wide.
 *
 *   word = mix(mix(index) ⊕ key) ≫ 8        in 0…2²⁴−1
 *
 * The same integers come from every backend, so a stream depends on key and position alone.
 *
 * @param key - 32 bits.
 * @param index - position in the stream, modulo 2³².
 */
export function hashBits(key: number, index: number): number {
  return mix(mix(index) ^ key) >>> 8;
}

/**
 * The words at offset, offset + 1, … as int32, `[size]` for a scalar key and `[B, size]` for keys `[B]`, by the kernel of the
 * current backend.
 */
export function hashBitsTensor(key: tf.Tensor, attributes: HashBitsAttributes): tf.Tensor {
  return tf.engine().runKernel(hashBitsKernel, { key }, attributes);
}

/**
 * The key of a stream of its own for each index of a key's stream.
 *
 *   mix(mix(index) ⊕ key)
 *
 * @returns 32 bits, as a signed integer.
 */
export function foldIn(key: number, index: number): number {
  return mix(mix(index) ^ key) | 0;
}

/** The kernel on tfjs's JavaScript backend: its memory is read directly, which a traced function may not do. */
function onCpu({ inputs, backend, attrs }: Parameters<tf.KernelFunc>[0]): tf.TensorInfo {
  const { size, offset } = attrs as HashBitsAttributes;
  const cpu = backend as {
    readonly data: { get(id: object): { readonly values: Int32Array } };
    makeTensorInfo(shape: number[], dtype: tf.DataType, values: Int32Array): tf.TensorInfo;
  };
  const keys = cpu.data.get(inputs.key!.dataId).values;
  const words = Int32Array.from({ length: keys.length * size }, (_, i) =>
    hashBits(keys[Math.floor(i / size)]!, offset + (i % size)),
  );
  return cpu.makeTensorInfo([...inputs.key!.shape, size], "int32", words);
}

/** The kernel as TensorFlow operations; int32 products wrap, and a logical shift is an arithmetic one and a mask. */
function onNative({ inputs, attrs }: Parameters<tf.KernelFunc>[0]): tf.TensorInfo {
  const { size, offset } = attrs as HashBitsAttributes;
  const scalar = (value: number) => tf.scalar(value | 0, "int32");
  const op = (name: string, ...args: tf.TensorInfo[]) =>
    rawOp(name, { [name === "Range" ? "Tidx" : "T"]: "int32" }, args);
  const shift = (x: tf.Tensor, bits: number) =>
    op("BitwiseAnd", op("RightShift", x, scalar(bits)), scalar(2 ** (32 - bits) - 1));
  const fold = (x: tf.Tensor, bits: number) => op("BitwiseXor", x, shift(x, bits));
  const mixed = (x: tf.Tensor) =>
    fold(op("Mul", fold(op("Mul", fold(x, 16), scalar(multipliers[0])), 15), scalar(multipliers[1])), 16);
  return tf.tidy(() => {
    const indices = op("AddV2", op("Range", scalar(0), scalar(size), scalar(1)), scalar(offset));
    const key = inputs.key!.shape.length === 0 ? inputs.key! : tf.reshape(inputs.key as tf.Tensor, [-1, 1]);
    return shift(mixed(op("BitwiseXor", mixed(indices), key)), 8);
  });
}

/** Registers the kernel for the backends other than wasm, whose kernels come from `registerWasmKernels`. */
export function registerHashBits(): void {
  for (const [backendName, kernelFunc] of Object.entries({ cpu: onCpu, tensorflow: onNative })) {
    if (!tf.getKernel(hashBitsKernel, backendName)) {
      tf.registerKernel({ kernelName: hashBitsKernel, backendName, kernelFunc });
    }
  }
}
