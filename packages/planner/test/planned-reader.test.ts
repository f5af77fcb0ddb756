import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { beforeAll, describe, expect, it } from "vitest";
import { openReader } from "../src/planned-reader.js";
import { expectClose } from "./expect-close.js";
import { tinyModel, tinyWorld } from "./tiny.js";

let model: ReturnType<typeof tinyModel>;
beforeAll(async () => {
  model = tinyModel((await tinyWorld({ stories: 3 })).corpus);
  for (const variable of model.adapter.projections.values()) variable.assign(tf.tidy(() => tf.mul(variable, 10)));
});
const tokens = [0, 7, 9, 2, 30, 31, 2, 50];
const rng = createRng(1);
const [a, b] = [0, 1].map(() => {
  const weights = Float32Array.from({ length: 4 }, () => rng.float());
  return weights.map((w) => w / weights.reduce((x, y) => x + y));
});
const plans = [a, a, a, b, b, b, a, a].map((plan) => plan!);

/** Logits behind each token in one pass over tokens `from … to`. */
function inOnePass(from: number, to: number): number[][] {
  return tf.tidy(() => {
    const n = to - from;
    const weights = tf.tensor3d(Float32Array.from(plans.slice(from, to).flatMap((plan) => [...plan])), [1, n, 4]);
    const rows = tf.tensor2d(
      Int32Array.from({ length: n }, (_, t) => t),
      [1, n],
      "int32",
    );
    const inject = model.adapter.injections(weights, rows);
    return model.lm.logits(tf.tensor2d(tokens.slice(from, to), [1, n], "int32"), { inject }).arraySync()[0]!;
  });
}

describe("openReader", () => {
  it("opens a cache for 64·2^k tokens, as far as the model reads", () => {
    const lengths: number[] = [];
    const lm = {
      ...{ layers: 1, vocabSize: 9, eosId: 1, variables: new Map(), injectionWidth: () => 1 },
      logits: () => tf.zeros([1, 1, 9]) as tf.Tensor3D,
      openCache: (_: number, length: number) => {
        lengths.push(length);
        return { dispose() {} };
      },
    };
    for (const length of [3, 64, 65, 300]) {
      openReader({ lm: { ...lm, config: { maxPositions: 350 } }, adapter: model.adapter }, { length }).dispose();
      openReader({ lm, adapter: model.adapter }, { length }).dispose();
    }
    expect(lengths).toEqual([64, 3, 64, 64, 128, 65, 350, 300]);
  });

  it("with a cache gives the logits of one pass, across changes of plan, however the tokens are dealt out", async () => {
    const whole = inOnePass(0, 8);
    for (const cuts of [[1, 2, 3, 4, 5, 6, 7, 8], [3, 4, 8], [8]]) {
      const reader = openReader(model, { length: 8 });
      let from = 0;
      for (const to of cuts) {
        expectClose(await reader.read(tokens.slice(from, to), plans.slice(from, to)), whole[to - 1]!, { atol: 1e-5 });
        from = to;
      }
      reader.dispose();
    }
  });

  it("with a window gives those of a pass over its last tokens and their plans", async () => {
    const reader = openReader(model, { length: 8, contextLength: 3 });
    const first = await reader.read(tokens.slice(0, 2), plans.slice(0, 2));
    expectClose(first, inOnePass(0, 2).at(-1)!, { atol: 1e-5 });
    for (let t = 2; t < 8; t++)
      expectClose(await reader.read([tokens[t]!], [plans[t]!]), inOnePass(t - 2, t + 1).at(-1)!, { atol: 1e-5 });
    reader.dispose();
  });

  it("leaves no tensors behind", async () => {
    const before = tf.memory().numTensors;
    for (const contextLength of [undefined, 4]) {
      const reader = openReader(model, { length: 8, contextLength });
      await reader.read(tokens, plans);
      reader.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
