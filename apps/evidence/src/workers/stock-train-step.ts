// The same train step as anybody would write it for stock tfjs-wasm: plain operations, tf.train.adam, and the one kernel
// that the backend lacks for training (the segment sum of the embedding's gradient). Arguments as train-step.ts.
import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { createRng } from "@x/core";
import { readSize } from "../sizes.js";
import { serve } from "./serve.js";

const [, ...numbers] = process.argv.slice(2);
const { width, layers, heads, length, batch, vocabulary } = readSize(numbers);

interface WasmBackend extends tf.KernelBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array;
}

await tf.setBackend("wasm");
tf.registerKernel({
  kernelName: "UnsortedSegmentSum",
  backendName: "wasm",
  kernelFunc({ inputs, attrs, backend }) {
    const wasm = backend as WasmBackend;
    const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
    const { numSegments } = attrs as { numSegments: number } & typeof attrs;
    const inner = x.shape.slice(segmentIds.shape.length);
    const out = wasm.makeOutput([numSegments, ...inner], "float32");
    const row = inner.reduce((a, b) => a * b, 1);
    const [from, ids, to] = [x, segmentIds, out].map((info) => wasm.typedArrayFromHeap(info)) as [
      Float32Array,
      Int32Array,
      Float32Array,
    ];
    to.fill(0);
    for (let i = 0; i < ids.length; i++) for (let j = 0; j < row; j++) to[ids[i]! * row + j]! += from[i * row + j]!;
    return out;
  },
});

const rng = createRng(0);
const normal = (shape: number[]) => {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.02 * rng.normal());
  return tf.variable(tf.tensor(values, shape));
};
const ones = (n: number) => tf.variable(tf.ones([n]));
const zeros = (n: number) => tf.variable(tf.zeros([n]));

const embed = normal([vocabulary, width]);
const positions = normal([length, width]);
const blocks = Array.from({ length: layers }, () => ({
  gain1: ones(width),
  bias1: zeros(width),
  qkv: normal([width, 3 * width]),
  qkvBias: zeros(3 * width),
  out: normal([width, width]),
  outBias: zeros(width),
  gain2: ones(width),
  bias2: zeros(width),
  up: normal([width, 4 * width]),
  upBias: zeros(4 * width),
  down: normal([4 * width, width]),
  downBias: zeros(width),
}));
const gain = ones(width);
const bias = zeros(width);

const layerNorm = (x: tf.Tensor, g: tf.Tensor, b: tf.Tensor) => {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), g), b);
};
const gelu = (x: tf.Tensor) =>
  tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI))), 1));
const linear = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
  tf.reshape(tf.add(tf.matMul(tf.reshape(x, [-1, x.shape[2]!]), w as tf.Tensor2D), b), [
    x.shape[0]!,
    x.shape[1]!,
    w.shape[1]!,
  ]);
const split = (x: tf.Tensor) => tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);

const ids = Int32Array.from({ length: batch * length }, () => rng.int(vocabulary));
const inputs = tf.tensor2d(ids, [batch, length], "int32");
const labels = tf.oneHot(tf.reshape(tf.slice(inputs, [0, 1], [batch, length - 1]), [-1]) as tf.Tensor1D, vocabulary);
const mask = tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([length, length]), -1, 0)), -1e9);

const loss = (): tf.Scalar => {
  let x: tf.Tensor = tf.add(tf.gather(embed, inputs), positions);
  for (const b of blocks) {
    const [q, k, v] = tf.split(linear(layerNorm(x, b.gain1, b.bias1), b.qkv, b.qkvBias), 3, 2).map(split) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads)), mask);
    const heard = tf.matMul(tf.softmax(scores), v);
    x = tf.add(x, linear(tf.reshape(tf.transpose(heard, [0, 2, 1, 3]), [batch, length, width]), b.out, b.outBias));
    x = tf.add(x, linear(gelu(linear(layerNorm(x, b.gain2, b.bias2), b.up, b.upBias)), b.down, b.downBias));
  }
  const states = tf.slice(layerNorm(x, gain, bias), [0, 0, 0], [batch, length - 1, width]);
  const logits = tf.matMul(tf.reshape(states, [-1, width]) as tf.Tensor2D, embed as tf.Tensor2D, false, true);
  return tf.losses.softmaxCrossEntropy(labels, logits) as tf.Scalar;
};
const optimizer = tf.train.adam(1e-3);

await serve(() => ({ loss: tf.tidy(() => optimizer.minimize(loss, true)!.dataSync()[0]!) }));
