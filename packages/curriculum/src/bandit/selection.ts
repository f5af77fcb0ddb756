import { ConfigError } from "@x/core";
import { checkPositive, checkShare, checkValue } from "../checks.js";

/** How values become probabilities; the creating function says which method and temperature are its defaults. */
export interface SelectionOptions {
  /**
   * - `boltzmann`: p ∝ exp(value / τ)
   * - `normalized`: p ∝ max(value, 0.01)
   * - `epsilon-greedy`: 1 − ε on the largest value (shared by equal ones), and ε on all arms alike
   */
  readonly method?: "boltzmann" | "normalized" | "epsilon-greedy";
  /** τ > 0 of `boltzmann`, in the unit of the values. */
  readonly temperature?: number;
  /** ε of `epsilon-greedy`. Default 0.1. */
  readonly epsilon?: number;
}

/**
 * The selection that the options ask for and the options themselves, defaults filled in.
 *
 * @throws ValueError for an option outside its range.
 * @throws ConfigError for a temperature or ε that the method does not use.
 */
export function createSelection(type: string, options: SelectionOptions, defaults: Required<SelectionOptions>) {
  const { method = defaults.method } = options;
  const known = method === "boltzmann" || method === "normalized" || method === "epsilon-greedy";
  checkValue(type, "method", method, '"boltzmann", "normalized" or "epsilon-greedy"', known);
  const user = { temperature: "boltzmann", epsilon: "epsilon-greedy" } as const;
  for (const name of ["temperature", "epsilon"] as const)
    if (options[name] !== undefined && method !== user[name])
      throw new ConfigError(
        `${type}: ${name} belongs to method "${user[name]}", got ${options[name]} with "${method}"`,
      );
  const { temperature = defaults.temperature, epsilon = defaults.epsilon } = options;
  checkPositive(type, "temperature", temperature);
  checkShare(type, "epsilon", epsilon);
  const select = {
    boltzmann: (values: Float64Array, p: Float64Array) => softmax(values, temperature, p),
    normalized,
    "epsilon-greedy": (values: Float64Array, p: Float64Array) => epsilonGreedy(values, epsilon, p),
  }[method];
  const used = { boltzmann: { temperature }, normalized: {}, "epsilon-greedy": { epsilon } }[method];
  return { own: { method, ...used }, select };
}

/** p_k = exp(v_k / τ) / Σ_j exp(v_j / τ) */
export function softmax(values: Float64Array, temperature: number, p: Float64Array): void {
  let max = -Infinity;
  for (let k = 0; k < p.length; k++) max = Math.max(max, values[k]!);
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += p[k] = Math.exp((values[k]! - max) / temperature);
  for (let k = 0; k < p.length; k++) p[k]! /= sum;
}

/** p_k = max(v_k, 0.01) / Σ_j max(v_j, 0.01) */
function normalized(values: Float64Array, p: Float64Array): void {
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += p[k] = Math.max(values[k]!, 0.01);
  for (let k = 0; k < p.length; k++) p[k]! /= sum;
}

/** p_k = (1 − ε) [v_k is largest] / (number of largest) + ε / K. `values` and `p` may be the same array. */
export function epsilonGreedy(values: Float64Array, epsilon: number, p: Float64Array): void {
  const K = p.length;
  let max = -Infinity;
  let ties = 0;
  for (let k = 0; k < K; k++) {
    const value = values[k]!;
    ties = value > max ? 1 : value === max ? ties + 1 : ties;
    max = Math.max(max, value);
  }
  for (let k = 0; k < K; k++) p[k] = (values[k]! === max ? (1 - epsilon) / ties : 0) + epsilon / K;
}
