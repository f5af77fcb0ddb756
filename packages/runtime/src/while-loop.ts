import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, StateError } from "@x/core";
import { recordLoop } from "./graph/nested.js";
import { currentRecorder } from "./graph/record.js";
import { mapTensors, signatureOf, tensorsOf } from "./graph/structure.js";
import { unguarded } from "./guards.js";
import { heldVariables } from "./held-variables.js";
import { refuseGradient } from "./parallel.js";

/**
 * Repeats `body` as long as `condition` holds: `while (condition(state)) state = body(state)`.
 *
 * In a `jit` program it is one loop of the graph, and both functions are traced once; elsewhere it is a loop here, which
 * reads the condition at each turn. The body may assign variables.
 *
 * @param state - tensors in arrays and plain objects; the shapes stay the same.
 * @param condition - gives a scalar; 0 or false ends the loop.
 * @returns the last state, in new tensors.
 * @throws ShapeError when the body returns other shapes, or other values that are no tensors, than it is given, or the
 *   condition is no scalar; StateError when the condition assigns a variable, and inside of a gradient.
 */
export function whileLoop<S>(state: S, condition: (state: S) => tf.Tensor, body: (state: S) => S): S {
  refuseGradient("whileLoop");
  const goesOn = (state: S) => scalar(assigningNothing(() => condition(state)));
  const next = (state: S) => sameShapes(state, body(state));
  const recorder = currentRecorder();
  if (recorder !== undefined) return recordLoop(recorder, state, goesOn, next);
  const isTrue = (state: S) =>
    tf.tidy(() => {
      const more = goesOn(state);
      return unguarded(() => more.dataSync()[0]);
    });
  let current = mapTensors(state, (tensor) => tf.clone(tensor));
  try {
    while (isTrue(current)) {
      const last = tensorsOf(current);
      current = turn(next, current);
      tf.dispose(last);
    }
    return current;
  } catch (error) {
    tf.dispose(tensorsOf(current));
    throw error;
  }
}

/** One turn in a scope that keeps the new state alone, in tensors of its own. */
function turn<S>(body: (state: S) => S, state: S): S {
  const engine = tf.engine();
  let kept: tf.Tensor[] = [];
  engine.startScope("whileLoop");
  try {
    const next = mapTensors(body(state), (tensor) => tf.clone(tensor));
    kept = tensorsOf(next);
    return next;
  } finally {
    engine.endScope(kept);
  }
}

function scalar(condition: tf.Tensor): tf.Tensor {
  if (condition.rank === 0) return condition;
  throw new ShapeError(`whileLoop: the condition must be a scalar, got [${condition.shape}]`);
}

function sameShapes<S>(state: S, next: S): S {
  const [given, made] = [signatureOf(state), signatureOf(next)];
  if (given === made) return next;
  throw new ShapeError(`whileLoop: the body must return a state like the one it is given, ${given}; got ${made}`);
}

function assigningNothing(condition: () => tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const held = heldVariables();
    const result = condition();
    const [assigned] = held.changed();
    if (assigned === undefined) return result;
    throw new StateError(`whileLoop: the condition must assign no variable, got ${assigned.name}`);
  });
}
