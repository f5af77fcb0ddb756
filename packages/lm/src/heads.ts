import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { type NamedVariables, nn } from "@x/runtime";

/** A small readout of a model's hidden states, with variables of its own. */
export interface Head<Output extends tf.Tensor> {
  readonly variables: NamedVariables;
  /** `hidden [B, T, d]`, as `LanguageModel.forward` gives it beside the logits. */
  apply(hidden: tf.Tensor3D): Output;
  dispose(): void;
}

/** The sizes that a head needs of a model. */
export interface HeadedModel {
  readonly vocabSize: number;
  readonly config: { readonly hidden: number };
}

/**
 * A state value for each token.
 *
 *   v = w·h + b,  w = 0 and b = 0 at the start
 *
 * @returns a head from `[B, T, d]` to `[B, T]`.
 */
export function valueHead(model: HeadedModel): Head<tf.Tensor2D> {
  const { hidden: width } = model.config;
  const variables = zeros({ "value.w": [width, 1], "value.b": [1] });
  return head(variables, width, (hidden) => tf.squeeze<tf.Tensor2D>(readout(variables, "value", hidden), [2]));
}

/** Options of `qHead`. */
export interface QHeadOptions {
  /**
   * `zero`: q(x, ·) = W·h + b. `dueling`: q(x, a) = v(x) + (W·h + b)ₐ, so that a token that was never tried has the value
   * of its state. Default `dueling`.
   */
  readonly kind?: "zero" | "dueling";
}

/**
 * An action value for each token and next token; 0 everywhere at the start.
 *
 * Differs from the paper: it goes on to subtract the mean over the actions (eq. 9), which would move the tokens that
 * were never tried.
 *
 * @returns a head from `[B, T, d]` to `[B, T, V]`.
 * @throws ValueError for another `kind`.
 * @paper 1511.06581 eq. 7
 */
export function qHead(model: HeadedModel, { kind = "dueling" }: QHeadOptions = {}): Head<tf.Tensor3D> {
  if (kind !== "zero" && kind !== "dueling")
    throw new ValueError(`qHead: kind must be "zero" or "dueling", got ${JSON.stringify(kind)}`, {
      argument: "kind",
      value: kind,
    });
  const { hidden: width } = model.config;
  const action = { "action.w": [width, model.vocabSize], "action.b": [model.vocabSize] };
  const variables = zeros(kind === "zero" ? action : { ...action, "value.w": [width, 1], "value.b": [1] });
  return head(variables, width, (hidden) => {
    const q = readout(variables, "action", hidden);
    return kind === "zero" ? q : tf.add(q, readout(variables, "value", hidden));
  });
}

const readout = (variables: NamedVariables, name: string, hidden: tf.Tensor3D): tf.Tensor3D =>
  nn.linear(hidden, variables.get(`${name}.w`)!, variables.get(`${name}.b`)!) as tf.Tensor3D;

const zeros = (shapes: Readonly<Record<string, number[]>>): NamedVariables =>
  new Map(Object.entries(shapes).map(([name, shape]) => [name, tf.tidy(() => tf.variable(tf.zeros(shape)))]));

function head<Output extends tf.Tensor>(
  variables: NamedVariables,
  width: number,
  compute: (hidden: tf.Tensor3D) => Output,
): Head<Output> {
  return {
    variables,
    apply(hidden) {
      if (hidden.rank !== 3 || hidden.shape[2] !== width)
        throw new ShapeError(`Head.apply: hidden must be [B, T, ${width}], got [${hidden.shape}]`);
      return tf.tidy(() => compute(hidden));
    },
    dispose() {
      for (const variable of variables.values()) variable.dispose();
    },
  };
}
