import * as tf from "@tensorflow/tfjs-core";
import { jit } from "@x/runtime";
import type { ActionAdapter } from "./adapter.js";
import type { ConditionableLM } from "./types.js";

/** Feeds tokens, each with the plan it carries, to a language model. */
export interface PlannedReader {
  /**
   * @param plans - K weights for each token.
   * @returns the logits `[V]` behind the last token.
   */
  read(tokens: ArrayLike<number>, plans: readonly Float32Array[]): Promise<Float32Array>;
  dispose(): void;
}

interface Model {
  readonly lm: ConditionableLM;
  readonly adapter: ActionAdapter;
}

/** A reader with a cache for `length` tokens, or one that reads the last `contextLength` tokens anew each time. */
export function openReader(
  model: Model,
  { length, contextLength }: { readonly length: number; readonly contextLength?: number | undefined },
): PlannedReader {
  if (model.lm.openCache !== undefined && contextLength === undefined) return cachedReader(model, length);
  return windowReader(model, contextLength ?? length);
}

interface Cache {
  dispose(): void;
}

const cachedPass = jit(
  ({ lm, adapter }: Model, cache: Cache, tokens: tf.Tensor2D, positions: tf.Tensor2D, plans: tf.Tensor3D) =>
    lm.logits(tokens, { cache, positions, inject: adapter.injections(plans, ownRows(tokens)) }),
);

/** Several tokens are padded to a power of two where there is room; what stands there is overwritten before it is seen. */
function cachedReader({ lm, adapter }: Model, length: number): PlannedReader {
  const most = lm.config?.maxPositions ?? length;
  const room = Math.max(length, Math.min(64 * 2 ** Math.max(0, Math.ceil(Math.log2(length / 64))), most));
  const cache = lm.openCache!(1, room);
  let position = 0;
  return {
    async read(tokens, plans) {
      const n = Math.min(2 ** Math.ceil(Math.log2(tokens.length)), room - position);
      const padded = new Int32Array(n);
      padded.set(Array.from(tokens));
      const positions = Int32Array.from({ length: n }, (_, t) => position + t);
      position += tokens.length;
      const ints = (values: Int32Array) => tf.tensor2d(values, [1, n], "int32");
      const logits = tf.tidy(() =>
        cachedPass({ lm, adapter }, cache, ints(padded), ints(positions), stacked(plans, n)),
      );
      return rowOf(logits, tokens.length - 1);
    },
    dispose: () => cache.dispose(),
  };
}

const pass = jit(({ lm, adapter }: Model, tokens: tf.Tensor2D, plans: tf.Tensor3D) =>
  lm.logits(tokens, { inject: adapter.injections(plans, ownRows(tokens)) }),
);

/** Passes of one shape `[1, window]`, padded on the right, which a causal model does not see. */
function windowReader({ lm, adapter }: Model, window: number): PlannedReader {
  const seen: number[] = [];
  const carried: Float32Array[] = [];
  return {
    async read(tokens, plans) {
      seen.push(...Array.from(tokens));
      carried.push(...plans);
      const recent = seen.slice(-window);
      const padded = new Int32Array(window);
      padded.set(recent);
      const logits = tf.tidy(() =>
        pass({ lm, adapter }, tf.tensor2d(padded, [1, window], "int32"), stacked(carried.slice(-window), window)),
      );
      return rowOf(logits, recent.length - 1);
    },
    dispose: () => {},
  };
}

/** 0 … T − 1: every token has a row of the plans to itself. */
function ownRows(tokens: tf.Tensor2D): tf.Tensor2D {
  return tf.expandDims(tf.range(0, tokens.shape[1], 1, "int32"), 0);
}

/** `[1, rows, K]`, 0 behind the last plan. */
function stacked(plans: readonly Float32Array[], rows: number): tf.Tensor3D {
  const actions = plans[0]!.length;
  const flat = new Float32Array(rows * actions);
  plans.forEach((plan, t) => {
    flat.set(plan, t * actions);
  });
  return tf.tensor3d(flat, [1, rows, actions]);
}

/** A row of the logits, which are disposed. */
async function rowOf(logits: tf.Tensor3D, row: number): Promise<Float32Array> {
  const width = logits.shape[2];
  try {
    return (await logits.data<"float32">()).slice(row * width, (row + 1) * width);
  } finally {
    logits.dispose();
  }
}
