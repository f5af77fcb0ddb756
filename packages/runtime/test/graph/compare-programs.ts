import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import fc from "fast-check";
import { expect } from "vitest";
import { jit } from "../../src/index.js";
import { interpret, program, type Step } from "./random-programs.js";

/** Arguments of the shapes that every program gets: floats, integers and booleans. */
function inputsOf(seed: number): tf.Tensor[] {
  const rng = createRng(seed);
  const many = (n: number, draw: () => number) => Array.from({ length: n }, draw);
  const float = (...shape: number[]) =>
    tf.tensor(
      many(tf.util.sizeFromShape(shape), () => rng.normal()),
      shape,
    );
  return [
    float(),
    float(4),
    float(2, 3),
    float(2, 2, 3),
    tf.tensor(
      many(4, () => rng.int(9) - 4),
      [4],
      "int32",
    ),
    tf.tensor(
      many(6, () => rng.int(9) - 4),
      [2, 3],
      "int32",
    ),
    tf.tensor(
      many(4, () => rng.int(2)),
      [4],
      "bool",
    ),
    tf.tensor(
      many(6, () => rng.int(2)),
      [2, 3],
      "bool",
    ),
  ];
}

/** The values of a program, its gradients by two variables, and an update of both. */
function functionOf(steps: readonly Step[], variables: readonly [tf.Variable, tf.Variable]) {
  const [v, w] = variables;
  return (inputs: readonly tf.Tensor[]) => {
    const { made } = interpret(steps, inputs, variables);
    const { value, grads } = tf.variableGrads(() => {
      const { differentiable } = interpret(steps, inputs, variables);
      return tf.addN(differentiable.map((tensor, i) => tf.mul(tf.mean(tensor), 1 + i / 8))) as tf.Scalar;
    }, [v, w]);
    const moved = tf.sub(v, tf.mul(grads[v.name]!, 0.01));
    w.assign(tf.add(w, tf.sum(moved)));
    v.assign(moved);
    return { made, value, dv: grads[v.name]!, dw: grads[w.name]! };
  };
}

/**
 * Asserts that random programs give the same through `jit` as without, called three times with other numbers, and with the
 * variables that they update.
 *
 * @param kind - the value of X_JIT; also how each program has to run.
 * @returns the names of all operations that ran.
 */
export function compareRandomPrograms(kind: "graph" | "xla", numRuns: number, seed: number): Set<string> {
  const names = new Set<string>();
  fc.assert(
    fc.property(program, (steps) => {
      tf.tidy(() => {
        interpret(steps, inputsOf(0), [tf.ones([2, 3]) as tf.Variable, tf.ones([4]) as tf.Variable], (name) =>
          names.add(name),
        );
      });
      const start = tf.tidy(() => [
        tf.randomNormal([2, 3], 0, 1, "float32", 3),
        tf.randomNormal([4], 0, 1, "float32", 4),
      ]);
      const create = () => start.map((tensor) => tf.variable(tensor)) as [tf.Variable, tf.Variable];
      const [ours, theirs] = [create(), create()];
      const [compiled, eager] = [jit(functionOf(steps, ours)), functionOf(steps, theirs)];
      try {
        for (const call of [1, 2, 3]) {
          tf.tidy(() => {
            const inputs = inputsOf(call);
            const [actual, expected] = [compiled(inputs), eager(inputs)];
            expect(actual.made.length).toBe(expected.made.length);
            for (const [i, tensor] of actual.made.entries()) expectSame(tensor, expected.made[i]!);
            for (const key of ["value", "dv", "dw"] as const) expectSame(actual[key], expected[key]);
            for (const [i, variable] of ours.entries()) expectSame(variable, theirs[i]!);
          });
        }
        expect(compiled.stats.programs.map((loaded) => loaded.kind)).toEqual([kind]);
      } finally {
        tf.dispose([...start, ...ours, ...theirs]);
      }
    }),
    { numRuns, seed, endOnFailure: kind === "xla" },
  );
  return names;
}

/** Integers and booleans exactly, floats up to rounding. */
function expectSame(actual: tf.Tensor, expected: tf.Tensor): void {
  expect([actual.dtype, actual.shape]).toEqual([expected.dtype, expected.shape]);
  const [x, y] = [Array.from(actual.dataSync()), Array.from(expected.dataSync())];
  const scale = actual.dtype === "float32" ? 2e-5 * y.reduce((max, value) => Math.max(max, Math.abs(value)), 1) : 0;
  const wrong = x.findIndex((value, i) => !(Object.is(value, y[i]) || Math.abs(value - y[i]!) <= scale));
  if (wrong !== -1) expect.fail(`${actual.dtype} [${wrong}]: ${x[wrong]} is not ${y[wrong]}`);
}
