import * as tf from "@tensorflow/tfjs-core";
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
 * @throws ShapeError when the body returns other shapes than it is given, StateError inside of a gradient.
 */
export function whileLoop<S>(state: S, condition: (state: S) => tf.Tensor, body: (state: S) => S): S {
  refuseGradient("whileLoop");
  const recorder = currentRecorder();
  if (recorder !== undefined) return recordLoop(recorder, state, condition, body);
  const goesOn = (state: S) =>
    tf.tidy(() => {
      const more = condition(state);
      return unguarded(() => more.dataSync()[0]);
    });
  let current = mapTensors(state, (tensor) => tf.clone(tensor));
  while (goesOn(current)) {
    const last = tensorsOf(current);
    current = turn(body, current);
    const kept = new Set(tensorsOf(current));
    tf.dispose(last.filter((tensor) => !kept.has(tensor)));
  }
  return current;
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
