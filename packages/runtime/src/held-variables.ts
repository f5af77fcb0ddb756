import * as tf from "@tensorflow/tfjs-core";

/** What the variables of the process hold now, in tensors of the scope. */
export function heldVariables() {
  const variables = Object.values(tf.engine().registeredVariables);
  const values = variables.map((variable) => tf.clone<tf.Tensor>(variable));
  const isChanged = (variable: tf.Variable, i: number) => variable.dataId !== values[i]!.dataId;
  return {
    variables,
    /** Those that have been assigned since. */
    changed: () => variables.filter(isChanged),
    /** Takes back what was assigned since, but to some. */
    restoreAllBut(some: readonly tf.Variable[]): void {
      for (const [i, variable] of variables.entries())
        if (!variable.isDisposed && isChanged(variable, i) && !some.includes(variable)) variable.assign(values[i]!);
    },
  };
}
