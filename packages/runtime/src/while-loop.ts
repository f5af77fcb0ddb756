import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { recordLoop } from "./graph/nested.js";
import { currentRecorder } from "./graph/record.js";
import { mapTensors, tensorsOf } from "./graph/structure.js";
import { unguarded } from "./guards.js";
import { refuseGradient } from "./parallel.js";

/**
 * Repeats `body` as long as `condition` holds: `while (condition(state)) state = body(state)`.
 *
 * In a `jit` program it is one loop of the graph, and both functions are traced once; elsewhere it is a loop here, which
 * reads the condition at each turn. Variables may be assigned inside.
 *
 * @param state - tensors in arrays and plain objects; the shapes stay the same.
 * @param condition - gives a scalar; 0 or false ends the loop.
 * @returns the last state, in new tensors.
 * @throws ShapeError when the body returns other shapes than it is given or the condition is no scalar, StateError inside of
 *   a gradient.
 */
export function whileLoop<S>(state: S, condition: (state: S) => tf.Tensor, body: (state: S) => S): S {
  refuseGradient("whileLoop");
  const goesOn = (state: S) => scalar(condition(state));
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
      const kept = new Set(tensorsOf(current));
      tf.dispose(last.filter((tensor) => !kept.has(tensor)));
    }
    return current;
  } catch (error) {
    tf.dispose(tensorsOf(current));
    throw error;
  }
}

/** One turn in a scope that keeps the new state alone. */
function turn<S>(body: (state: S) => S, state: S): S {
  const engine = tf.engine();
  let kept: tf.Tensor[] = [];
  engine.startScope("whileLoop");
  try {
    const next = body(state);
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
  const signature = (state: S) => tensorsOf(state).map(({ dtype, shape }) => `${dtype}[${shape}]`);
  const [given, made] = [signature(state).join(" "), signature(next).join(" ")];
  if (given === made) return next;
  throw new ShapeError(`whileLoop: the body must return tensors like those it is given, ${given}; got ${made}`);
}
