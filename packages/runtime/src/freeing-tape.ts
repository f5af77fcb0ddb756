import * as tf from "@tensorflow/tfjs-core";

/** Runs what may take gradients: tfjs keeps what it saved for the backward pass when the forward pass throws, this does not. */
export function freeingTape<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { state } = tf.engine();
    if (state.gradientDepth === 0) tf.dispose(state.activeTape?.map((node) => node.saved ?? []) ?? []);
    throw error;
  }
}
