import type * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { Chooser, type Entry, NoOperand, rough, smooth } from "./random-operations.js";

// Random programs over a pool of small tensors. What a step does depends on shapes and dtypes alone, so a program does the
// same whenever it runs.

/** One operation, and the numbers by which it chooses operands and sizes. */
export interface Step {
  readonly operation: number;
  readonly choices: readonly number[];
}

const operations = [...Object.entries(smooth), ...Object.entries(rough)];

export const program: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    operation: fc.nat({ max: operations.length - 1 }),
    choices: fc.array(fc.nat({ max: 1 << 20 }), { minLength: 5, maxLength: 5 }),
  }),
  { minLength: 6, maxLength: 24 },
);

/**
 * Runs a program.
 *
 * @param ran - takes the name of each operation that found its operands.
 * @returns every tensor that it made, and those that can be differentiated by the variables.
 */
export function interpret(
  steps: readonly Step[],
  inputs: readonly tf.Tensor[],
  variables: readonly tf.Variable[],
  ran: (name: string) => void = () => {},
): { made: tf.Tensor[]; differentiable: tf.Tensor[] } {
  const pool: Entry[] = [
    ...inputs.map((tensor) => ({ tensor, varies: false })),
    ...variables.map((tensor) => ({ tensor, varies: true })),
  ];
  const made: tf.Tensor[] = [];
  for (const { operation, choices } of steps) {
    const [name, run] = operations[operation]!;
    const choose = new Chooser(pool, choices);
    let results: tf.Tensor[];
    try {
      results = [run(choose)].flat();
    } catch (error) {
      if (error instanceof NoOperand) continue;
      throw error;
    }
    ran(name);
    made.push(...results);
    if (name in smooth || !choose.varies)
      pool.push(
        ...results
          .filter(({ size, rank }) => size <= 64 && rank <= 4)
          .map((tensor) => ({ tensor, varies: choose.varies })),
      );
  }
  return {
    made,
    differentiable: pool
      .filter(({ tensor, varies }) => varies && tensor.dtype === "float32")
      .map((entry) => entry.tensor),
  };
}
