import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { opTable } from "../../src/graph/op-table.js";
import { record } from "../../src/graph/record.js";
import { adamW, clipByGlobalNorm, createRuntime, nn, random, sgd, valueAndGrad } from "../../src/index.js";
import type { TensorFlowBackend } from "../../src/tensorflow-binding.js";
import { backends } from "../backends.js";

describe("opTable", () => {
  it("names a type attribute, a count or nothing for each input, and only attributes that the operation has", () => {
    for (const [op, { inputs, outputs, attributes }] of Object.entries(opTable)) {
      for (const part of inputs.flatMap((input) => input.replace("[]", "").split("*")))
        expect(part === "" || part in attributes, `${op} ${part}`).toBe(true);
      expect(outputs.length, op).toBeGreaterThan(0);
      expect(inputs.filter((input) => /\*|\[\]/.test(input)).length, op).toBeLessThan(2); // how counts are worked out
    }
  });
});

describe.runIf(backends.includes("native"))("opTable on TensorFlow", () => {
  beforeAll(async () => {
    await createRuntime({ backend: "native" });
  });

  /** The operations that TensorFlow executes for `run`, without those of the self-test that the first call of all makes. */
  function operationsOf(run: () => unknown): string[] {
    const native = tf.backend() as TensorFlowBackend;
    const engine = tf.engine();
    engine.startScope();
    run();
    const { ops } = record(native, () => undefined, [], run).recording;
    engine.endScope();
    return [...new Set(ops.map(({ name }) => name))];
  }

  /** Forward and backward, by everything that is given. */
  const gradient = (f: (...inputs: tf.Tensor[]) => tf.Tensor, ...shapes: number[][]) =>
    tf.grads((...inputs) => tf.sum(f(...inputs)))(shapes.map((shape) => tf.randomNormal(shape)));

  const ids = () => tf.tensor2d([[0, 2, 1]], [1, 3], "int32");
  const key = () => tf.scalar(1, "int32");
  const kernels: [string, () => unknown][] = [
    ["linear", () => gradient((x, w, b) => nn.linear(x!, w!, b), [4, 3], [3, 2], [2])],
    ["linear on three axes", () => gradient((x, w) => nn.linear(x!, w!), [2, 4, 3], [3, 2])],
    ["layerNorm", () => gradient((x, g, b) => nn.layerNorm(x!, g!, b!, 1e-5), [2, 4, 3], [3], [3])],
    ["rmsNorm", () => gradient((x, g) => nn.rmsNorm(x!, g!, 1e-5), [2, 4, 3], [3])],
    ["gelu", () => gradient((x) => tf.add(nn.gelu(x!, "tanh"), nn.gelu(x!, "erf")), [4])],
    ["silu", () => gradient((x) => nn.silu(x!), [4])],
    ["swiglu", () => gradient((x, y) => nn.swiglu(x!, y!), [4], [4])],
    ["heads", () => gradient((x) => nn.mergeHeads(nn.splitHeads(x! as tf.Tensor3D, 2)), [2, 3, 4])],
    ["attention", () => gradient((q, k, v) => attend({ causal: true })(q!, k!, v!), ...heads)],
    ["attention with a mask", () => gradient((q, k, v) => attend({ mask: tf.ones([3, 3]) })(q!, k!, v!), ...heads)],
    ["attention with a bias", () => gradient((q, k, v, bias) => attend({ bias: bias! })(q!, k!, v!), ...heads, [3, 3])],
    ["rope", () => gradient((x) => nn.rope(x as tf.Tensor4D, tf.ones([3, 2]), tf.zeros([3, 2])), [1, 2, 3, 4])],
    [
      "sparseCrossEntropy",
      () => gradient((x) => nn.sparseCrossEntropy(x! as tf.Tensor2D, tf.squeeze(ids(), [0])), [3, 5]),
    ],
    ["embedding", () => gradient((w) => nn.embedding(w! as tf.Tensor2D, ids()), [5, 2])],
    ["logSumExp", () => gradient((x) => nn.logSumExp(x!), [3, 5])],
    ["gatherLogprobs", () => gradient((x) => nn.gatherLogprobs(x!, ids()), [1, 3, 5])],
    [
      "random",
      () => [random.normal(key(), [3]), random.bernoulli(key(), [3], 0.5), random.categorical(key(), tf.ones([2, 3]))],
    ],
  ];
  const heads = [
    [1, 2, 3, 4],
    [1, 1, 3, 4],
    [1, 1, 3, 4],
  ];
  const attend =
    (options: Parameters<typeof nn.attention>[3]) =>
    (...[q, k, v]: tf.Tensor[]) =>
      nn.attention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, options);

  const updates = [() => adamW(), () => adamW({ weightDecay: 0 }), () => sgd(), () => sgd({ momentum: 0.9 })];
  const update = (create: (typeof updates)[number]) => () => {
    const optimizer = create();
    const variables = new Map([["w", tf.variable(tf.ones([2, 3]))]]);
    optimizer.init(variables);
    const { grads } = valueAndGrad(() => tf.sum(tf.square(variables.get("w")!)), variables);
    optimizer.step(variables, clipByGlobalNorm(grads, 0.1).grads, tf.scalar(0.1));
    for (const variable of [...variables.values(), ...optimizer.variables.values()]) variable.dispose();
  };

  it.each([...kernels, ...updates.map((create, i) => [`optimizer ${i}`, update(create)] as const)])(
    "has every operation of %s",
    (_, run) => {
      const operations = operationsOf(run);
      expect(operations.length).toBeGreaterThan(0);
      expect(operations.filter((op) => !(op in opTable))).toEqual([]);
    },
  );
});
