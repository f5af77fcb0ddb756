import type { Tensor } from "@tensorflow/tfjs-core";
import { checkRows } from "./checks.js";

/** What `selectionDiagnostics` reports; plain numbers. Rows where nothing is allowed do not count. */
export interface SelectionDiagnostics {
  /** H, the mean entropy of a row, nats: 0 is a hard choice, ln K no choice. */
  readonly entropy: number;
  /** e^H: how many codes a row mixes. */
  readonly effectiveNumber: number;
  /** The mean number of weights > 0 in a row. */
  readonly supportSize: number;
  /** The mean of the largest weight of a row. */
  readonly maxWeight: number;
  /** e^(entropy of the mean row): how many codes are in use over all rows; 1 is a collapse. */
  readonly usagePerplexity: number;
  /** The number of codes that are the largest of no row. */
  readonly deadCodes: number;
}

/**
 * Measures how sharp and how varied selection weights are.
 *
 *   H = mean over rows of −Σₖ wₖ ln wₖ,   usage = exp(−Σₖ w̄ₖ ln w̄ₖ),   w̄ = mean row
 *
 * It reads the weights, so it belongs between steps, never inside one.
 *
 * @param weights - `[…, K]`, as `select` gives them.
 * @returns numbers; NaN but for `deadCodes` when no row counts.
 * @throws ShapeError when the weights are not float32 `[…, K]`.
 */
export async function selectionDiagnostics(weights: Tensor): Promise<SelectionDiagnostics> {
  checkRows("selectionDiagnostics", "weights", weights);
  const K = weights.shape.at(-1)!;
  const values = await weights.data();
  const mean = new Float64Array(K);
  const wins = new Int32Array(K);
  let [rows, entropy, support, largest] = [0, 0, 0, 0];

  for (let start = 0; start < values.length; start += K) {
    const row = values.subarray(start, start + K) as Float32Array;
    const max = row.reduce((a, b) => Math.max(a, b));
    if (max === 0) continue;
    rows++;
    entropy += entropyOf(row);
    support += row.reduce((count, w) => count + (w > 0 ? 1 : 0), 0);
    largest += max;
    wins[row.indexOf(max)]! += 1;
    for (let k = 0; k < K; k++) mean[k]! += row[k]!;
  }
  return {
    entropy: entropy / rows,
    effectiveNumber: Math.exp(entropy / rows),
    supportSize: support / rows,
    maxWeight: largest / rows,
    usagePerplexity: Math.exp(entropyOf(mean.map((w) => w / rows))),
    deadCodes: wins.reduce((count, n) => count + (n === 0 ? 1 : 0), 0),
  };
}

function entropyOf(distribution: Float32Array | Float64Array): number {
  let sum = 0;
  for (const w of distribution) if (w !== 0) sum -= w * Math.log(w);
  return sum;
}
