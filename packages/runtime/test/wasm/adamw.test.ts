import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { expect, it } from "vitest";
import { adamW } from "../../src/index.js";
import { expectClose } from "../expect-close.js";
import { onWasm } from "./as-on-cpu.js";

const shapes = { a: [1], b: [7], c: [16], d: [5, 13], e: [1, 1] };

/** All variables and moments after five steps on the current backend. */
function trajectory(weightDecay: number): Float32Array {
  return tf.tidy(() => {
    const rng = createRng("adamW");
    const draw = (shape: number[]) =>
      tf.tensor(
        Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.normal()),
        shape,
      );
    const drawAll = () => Object.entries(shapes).map(([name, shape]) => [name, draw(shape)] as const);
    const variables = new Map(drawAll().map(([name, tensor]) => [name, tf.variable(tensor)]));
    const optimizer = adamW({ beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay });
    optimizer.init(variables);
    for (let i = 0; i < 5; i++) optimizer.step(variables, new Map(drawAll()), tf.scalar(0.1));
    const all = [...variables.values(), ...optimizer.variables.values()];
    const values = tf.concat(all.map((variable) => tf.reshape(variable, [-1]))).dataSync() as Float32Array;
    for (const variable of variables.values()) variable.dispose();
    optimizer.dispose();
    return values;
  });
}

onWasm("the kernel of AdamW", () => {
  it.each([0, 0.1])("moves variables and moments as the composed update does, with decay %d", async (weightDecay) => {
    await tf.setBackend("cpu");
    const expected = trajectory(weightDecay);
    await tf.setBackend("wasm");
    const before = tf.memory();
    const { kernelNames } = await tf.profile(() => {
      expectClose(trajectory(weightDecay), expected, { rtol: 1e-5, atol: 1e-6 });
    });
    expect(kernelNames).toContain("AdamW");
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  it("leaves a copy of a variable as it was", () => {
    const theta = tf.variable(tf.tensor([1, 2, 3]));
    const copy = tf.clone(theta);
    const optimizer = adamW();
    const variables = new Map([["theta", theta]]);
    optimizer.init(variables);
    tf.tidy(() => optimizer.step(variables, new Map([["theta", tf.ones([3])]]), tf.scalar(1)));
    expect([...copy.dataSync()]).toEqual([1, 2, 3]);
    expectClose(theta.dataSync(), [0, 1, 2], { atol: 1e-6 });
    optimizer.dispose();
    tf.dispose([theta, copy]);
  });
});
