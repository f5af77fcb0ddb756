import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import type { Heap } from "./heap.js";

/** The tensors of a product. */
export interface ProductInputs {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
  readonly bias?: tf.TensorInfo | undefined;
}

/** The sides of a batched product, the last two axes swapped where `transpose` says so. */
interface Operand {
  readonly tensor: tf.TensorInfo;
  readonly batch: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Distance in elements from a row, or a column, to the next. */
  readonly rowStride: number;
  readonly columnStride: number;
}

function operand(tensor: tf.TensorInfo, transpose: boolean): Operand {
  const batch = tensor.shape.slice(0, -2);
  const [outer, inner] = tensor.shape.slice(-2) as [number, number];
  return transpose
    ? { tensor, batch, rows: inner, columns: outer, rowStride: 1, columnStride: inner }
    : { tensor, batch, rows: outer, columns: inner, rowStride: inner, columnStride: 1 };
}

/** From an entry of `batch`, in row-major order, to that of an operand whose own batch is broadcast to it. */
function entryIn(own: readonly number[], batch: readonly number[]): (entry: number) => number {
  if (tf.util.arraysEqual([...own], [...batch])) return (entry) => entry;
  let indices = [0];
  for (const [axis, size] of batch.entries()) {
    const extent = own[axis - batch.length + own.length] ?? 1;
    const step = extent === 1 ? 0 : 1;
    indices = indices.flatMap((index) => Array.from({ length: size }, (_, i) => index * extent + i * step));
  }
  return (entry) => indices[entry]!;
}

/** What `kernels/matmul.ts` asks for: a start, a tile, four rows of a and a block of b, at most 256 by 512. */
function scratchBytes(n: number, k: number): number {
  const block = Math.min(k, 256) * Math.min(8 * Math.ceil(n / 8), 512);
  return 128 + 4 * (512 + 4 * 256 + block);
}

/**
 * The product of the last two axes, batch axes broadcast against each other, plus `bias` along the last axis.
 *
 *   c[…, m, n] = bias[n] + Σₖ a[…, m, k]·b[…, k, n]
 */
export function batchMatMul(
  heap: Heap,
  { a, b, bias }: ProductInputs,
  { transposeA, transposeB }: tf.BatchMatMulAttrs,
): tf.TensorInfo {
  const left = operand(a, transposeA);
  const right = operand(b, transposeB);
  if (left.columns !== right.rows) {
    throw new ShapeError(
      `matMul: the inner sizes must agree, got [${a.shape}] and [${b.shape}] (transposed: ${transposeA}, ${transposeB})`,
    );
  }
  const batch = tf.broadcast_util.assertAndGetBroadcastShape([...left.batch], [...right.batch]);
  const [m, k, n] = [left.rows, left.columns, right.columns];
  const out = heap.output([...batch, m, n], "float32");
  const scratch = heap.scratch(scratchBytes(n, k));
  const [x, y, z] = [heap.address(a), heap.address(b), heap.address(out)];
  const biasAddress = bias === undefined ? 0 : heap.address(bias);
  const run = (i: number, j: number, entry: number, rows: number) =>
    heap.call.matmul(
      x + 4 * i * m * k,
      left.rowStride,
      left.columnStride,
      y + 4 * j * k * n,
      right.rowStride,
      right.columnStride,
      biasAddress,
      z + 4 * entry * m * n,
      rows,
      n,
      k,
      scratch,
    );
  const entries = tf.util.sizeFromShape(batch);
  if (!transposeA && tf.util.sizeFromShape([...right.batch]) === 1) {
    run(0, 0, 0, entries * m); // one b for all: the batch is only more rows
  } else {
    const [i, j] = [entryIn(left.batch, batch), entryIn(right.batch, batch)];
    for (let entry = 0; entry < entries; entry++) run(i(entry), j(entry), entry, m);
  }
  return out;
}

/** The kernels that finish `tf.fused.matMul`, by the name of the activation. */
const activations: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
  leakyrelu: "LeakyRelu",
};

/** `tf.fused.matMul`: the product, the bias added once, then the activation. */
export function fusedMatMul(
  heap: Heap,
  inputs: ProductInputs & { readonly preluActivationWeights?: tf.TensorInfo },
  attrs: tf._FusedMatMulAttrs,
): tf.TensorInfo {
  const { a, b, bias, preluActivationWeights: alpha } = inputs;
  const columns = attrs.transposeB ? b.shape.at(-2) : b.shape.at(-1);
  const alongColumns = bias === undefined || (bias.shape.length === 1 && bias.shape[0] === columns);
  let y = batchMatMul(heap, { a, b, bias: alongColumns ? bias : undefined }, attrs);
  const then = (name: string, others: tf.NamedTensorInfoMap, more?: tf.NamedAttrMap) => {
    const before = y;
    y = heap.stock(name, others, more);
    heap.dispose(before);
  };
  if (!alongColumns) then("Add", { a: y, b: bias });
  if (attrs.activation === "prelu") then("Prelu", { x: y, alpha });
  else if (attrs.activation !== "linear") {
    then(activations[attrs.activation]!, { x: y }, { alpha: attrs.leakyreluAlpha ?? 0.2 });
  }
  return y;
}
