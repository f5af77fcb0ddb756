import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, StateError, ValueError } from "@x/core";
import { freeingTape } from "./freeing-tape.js";
import type { NamedTensors, NamedVariables } from "./variables.js";

/**
 * A scalar and its gradient with respect to variables.
 *
 *   g(name) = ∂f / ∂variables(name)
 *
 * @param f - returns a scalar.
 * @param variables - what to differentiate by; a variable that `f` does not depend on has gradient zero.
 * @returns `value`, and `grads` under the same names with the shapes of the variables. The caller owns all of them.
 * @throws ShapeError when `f` returns another shape than `[]`.
 * @throws ValueError when there are no variables.
 * @throws StateError inside of the forward function of a `tf.customGrad`, where tfjs records nothing.
 */
export function valueAndGrad(f: () => tf.Scalar, variables: NamedVariables): { value: tf.Scalar; grads: NamedTensors } {
  if (variables.size === 0) {
    throw new ValueError("valueAndGrad: variables must not be empty, got 0", { argument: "variables", value: 0 });
  }
  if (tf.engine().state.kernelDepth > 0)
    throw new StateError("valueAndGrad: there must be no customGrad around it, in whose value nothing is recorded");
  const checked = () => {
    const value = f();
    if (value.rank !== 0) throw new ShapeError(`valueAndGrad: f must return a scalar, got [${value.shape}]`);
    return value;
  };
  const list = [...variables.values()];
  const { value, grads } = freeingTape(() => tf.engine().gradients(checked, list, undefined, true));
  const named = [...variables.keys()].map((name, i) => [name, grads[i] ?? tf.zeros(list[i]!.shape)] as const);
  return { value, grads: new Map(named) };
}
