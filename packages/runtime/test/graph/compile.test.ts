import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashBits } from "../../src/hash-bits.js";
import { createRuntime, jit, nn, random, traced, valueAndGrad } from "../../src/index.js";
import { tensorFlowOp } from "../../src/tensorflow-ops.js";
import { backends } from "../backends.js";
import { expectClose } from "../expect-close.js";
import { compareRandomPrograms } from "./compare-programs.js";
import { kinds, list, native, setJit, valuesOf, withJit } from "./with-jit.js";

describe.runIf(backends.includes("native")).each(["graph", "xla"] as const)("jit as %s", (kind) => {
  const outside = process.env.X_JIT;
  let before: readonly number[];
  let x: tf.Tensor1D;
  let v: tf.Variable;
  let w: tf.Variable;
  const counts = () => [tf.memory().numTensors, tf.memory().numDataBuffers, native().binding.getNumOfTensors()];
  beforeAll(async () => {
    setJit(kind);
    await createRuntime({ backend: "native" });
    tf.tidy(() => tensorFlowOp("L2Loss", [tf.scalar(1)])); // its self-test keeps tensors
  });
  afterAll(() => setJit(outside));
  beforeEach(() => {
    before = counts();
    x = tf.tensor1d([1, -2, 3]);
    [v, w] = tf.tidy(() => [tf.variable(tf.tensor1d([1, 2, 3])), tf.variable(tf.tensor1d([10, 20, 30]))]);
    native().getInputTensorIds([x, v, w]); // puts them there
  });
  afterEach(() => {
    for (const made of [x, v, w]) made.dispose();
    expect(counts()).toEqual(before);
  });

  it("equals eager in random programs", () => {
    const names = compareRandomPrograms(kind, kind === "graph" ? 60 : 12, 7);
    expect(names.size).toBeGreaterThan(60);
  });

  it("runs one program for arguments of a signature, and traces anew for other shapes, dtypes and static values", () => {
    let runs = 0;
    const f = jit((x: tf.Tensor, scale: number) => {
      runs++;
      return tf.mul(x, scale);
    });
    expect(valuesOf(() => f(x, 2))).toEqual([[2, -4, 6]]);
    const other = tf.tensor1d([5, 6, 7]);
    expect(valuesOf(() => f(other, 2))).toEqual([[10, 12, 14]]);
    expect(runs).toBe(1);
    expect(valuesOf(() => f(x, 3))).toEqual([[3, -6, 9]]);
    const [matrix, ints] = [tf.ones([2, 2]), tf.ones([3], "int32")];
    expect(valuesOf(() => f(matrix, 3))).toEqual([[3, 3, 3, 3]]);
    expect(valuesOf(() => f(ints, 3))).toEqual([[3, 3, 3]]);
    expect(runs).toBe(4);
    expect(f.stats).toMatchObject({ calls: 5, traces: 4 });
    expect(kinds(f)).toEqual([kind, kind, kind, kind]);
    expect(f.stats.programs.every(({ operations, bytes }) => operations > 0 && bytes > 0)).toBe(true);
    expect(f.stats.compileMs).toBeGreaterThan(0);
    tf.dispose([other, matrix, ints]);
  });

  it("keeps the values of captured tensors, and of what it makes itself", () => {
    const [offset, many] = [tf.tensor1d([1, 1, 1]), tf.fill([100], 2)];
    const f = jit((x: tf.Tensor) =>
      tf.add(tf.add(x, offset), tf.sum(tf.concat([many, tf.ones([100]), tf.tensor1d([0.5])]))),
    );
    expect(valuesOf(() => f(x))).toEqual([[302.5, 299.5, 304.5]]);
    tf.dispose([offset, many]);
    expect(valuesOf(() => f(x))).toEqual([[302.5, 299.5, 304.5]]);
    expect(kinds(f)).toEqual([kind]);
  });

  it("returns arguments, variables and captured tensors as they are, and one tensor twice where the function does", () => {
    const f = jit((y: tf.Tensor) => {
      const made = tf.neg(y);
      return { y, v, x, pair: [made, made], clone: tf.clone(y), constant: tf.scalar(7) };
    });
    const y = tf.tensor1d([4, 5]);
    for (let call = 0; call < 2; call++) {
      const result = f(y);
      expect([result.y === y, result.v === v, result.x === x]).toEqual([true, true, true]);
      expect(result.pair[0]).toBe(result.pair[1]);
      expect([list(result.pair[0]!), list(result.clone), list(result.constant)]).toEqual([[-4, -5], [4, 5], [7]]);
      tf.dispose([result.pair[0]!, result.clone, result.constant]);
      expect(list(y)).toEqual([4, 5]);
    }
    expect(kinds(f)).toEqual([kind]);
    y.dispose();
  });

  it("runs functions without tensors, without results, and with what is empty", () => {
    const nothing = jit(() => undefined);
    expect([nothing(), nothing()]).toEqual([undefined, undefined]);
    const same = jit((x: tf.Tensor) => x);
    expect([same(x), same(x)]).toEqual([x, x]);
    const empty = tf.tensor2d([], [0, 2]);
    const join = jit((x: tf.Tensor) => [tf.neg(x), tf.concat([tf.tensor1d([]), tf.tensor1d([1])])]);
    expect(valuesOf(() => join(empty))).toEqual([[], [1]]);
    expect([kinds(nothing), kinds(same), kinds(join)]).toEqual([[kind], [kind], [kind]]);
    empty.dispose();
  });

  it("takes the same tensor for two arguments, and then two tensors", () => {
    const f = jit((a: tf.Tensor, b: tf.Tensor) => tf.sub(tf.mul(a, 2), b));
    const y = tf.tensor1d([0, 1, 0]);
    expect(valuesOf(() => f(x, x))).toEqual([[1, -2, 3]]);
    expect(valuesOf(() => f(x, y))).toEqual([[2, -5, 6]]);
    expect(f.stats.traces).toBe(1);
    y.dispose();
  });

  it("tells an argument from the same tensor captured", () => {
    const f = jit((y: tf.Tensor) => tf.sub(y, x));
    expect(valuesOf(() => f(x))).toEqual([[0, 0, 0]]);
    const y = tf.tensor1d([2, 2, 2]);
    expect(valuesOf(() => f(y))).toEqual([[1, 4, -1]]);
    y.dispose();
  });

  it("reads variables at each call, and assigns what comes last", () => {
    const f = jit((x: tf.Tensor) => {
      v.assign(tf.add(v, x));
      const between = tf.clone<tf.Tensor>(v);
      v.assign(tf.mul(v, 2));
      return between;
    });
    expect(valuesOf(() => f(x))).toEqual([[2, 0, 6]]);
    expect(list(v)).toEqual([4, 0, 12]);
    v.assign(w);
    expect(valuesOf(() => f(x))).toEqual([[11, 18, 33]]);
    expect(list(v)).toEqual([22, 36, 66]);
    expect(f.stats.traces).toBe(1);
    expect(list(w)).toEqual([10, 20, 30]);
  });

  it("does not take a clone of a variable's old value for the variable", () => {
    const old = tf.clone<tf.Tensor>(v);
    const f = jit(() => tf.sub(v, old));
    expect(valuesOf(f)).toEqual([[0, 0, 0]]);
    v.assign(w);
    expect(valuesOf(f)).toEqual([[9, 18, 27]]);
    old.dispose();
  });

  it("assigns one value to two variables, which go their own ways afterwards", () => {
    const both = jit((x: tf.Tensor) => {
      v.assign(x as tf.Tensor1D);
      w.assign(v);
    });
    const grow = jit(() => v.assign(tf.add(v, 1)));
    both(x);
    expect([list(v), list(w)]).toEqual([list(x), list(x)]);
    grow();
    expect([list(v), list(w), list(x)]).toEqual([
      [2, -1, 4],
      [1, -2, 3],
      [1, -2, 3],
    ]);
    both(x); // x has been an argument and a value of both
    expect([list(v), list(w)]).toEqual([list(x), list(x)]);
    expect([kinds(both), kinds(grow)]).toEqual([[kind], [kind]]);
  });

  it("swaps two variables", () => {
    const swap = jit(() => {
      const old = tf.clone<tf.Tensor>(v);
      v.assign(w);
      w.assign(old);
    });
    swap();
    expect([list(v), list(w)]).toEqual([
      [10, 20, 30],
      [1, 2, 3],
    ]);
    swap();
    expect([list(v), list(w)]).toEqual([
      [1, 2, 3],
      [10, 20, 30],
    ]);
    expect(kinds(swap)).toEqual([kind]);
  });

  it("traces anew when a variable that it captured has been disposed", () => {
    let state = tf.tidy(() => tf.variable(tf.tensor1d([1])));
    const f = jit((x: tf.Tensor) => tf.mul(x, state));
    expect(valuesOf(() => f(x))).toEqual([[1, -2, 3]]);
    state.dispose();
    expect(() => f(x)).toThrow(); // as eager does
    state = tf.tidy(() => tf.variable(tf.tensor1d([2])));
    expect(valuesOf(() => f(x))).toEqual([[2, -4, 6]]);
    expect(kinds(f)).toEqual([kind]);
    state.dispose();
  });

  it("takes objects that name their variables, others at each call, in one program", () => {
    class Scale {
      readonly factor: tf.Variable;
      readonly power: number;
      constructor(factor: tf.Variable, power: number) {
        this.factor = factor;
        this.power = power;
      }
      get [traced]() {
        return { factor: this.factor, power: this.power };
      }
    }
    const f = jit((scale: Scale, x: tf.Tensor) => {
      scale.factor.assign(tf.add(scale.factor, 1));
      return tf.mul(tf.pow(x, scale.power), scale.factor);
    });
    expect(valuesOf(() => f(new Scale(v, 2), x))).toEqual([[2, 12, 36]]);
    expect(valuesOf(() => f(new Scale(w, 2), x))).toEqual([[11, 84, 279]]);
    expect(f.stats.traces).toBe(1);
    expect(valuesOf(() => f(new Scale(v, 1), x))).toEqual([[3, -8, 15]]);
    expect(f.stats.traces).toBe(2);
  });

  it("keeps the 100 programs used last, and none whose variables are gone", () => {
    const f = jit((x: tf.Tensor, n: number) => tf.add(x, n));
    const run = (n: number) => f(x, n).dispose();
    const few = kind === "graph" ? 101 : 0; // as many programs of XLA take too long
    for (let n = 0; n < few; n++) run(n % 100 === 0 ? 0 : n);
    if (few > 0) {
      run(100);
      expect([f.stats.programs.length, f.stats.traces]).toEqual([100, 101]);
      run(0);
      run(1);
      expect(f.stats.traces).toBe(102);
    }
    const state = tf.tidy(() => tf.variable(tf.tensor1d([1])));
    const g = jit((x: tf.Tensor, n: number) => tf.mul(tf.add(x, n), n === 0 ? state : 1));
    g(x, 0).dispose();
    state.dispose();
    g(x, 1).dispose();
    expect([g.stats.programs.length, g.stats.traces]).toEqual([1, 2]);
  });

  it("takes other variables as arguments at each call, in one program", () => {
    const f = jit((variable: tf.Variable, x: tf.Tensor) => {
      variable.assign(tf.add(variable, x));
      return tf.sum(variable);
    });
    expect([valuesOf(() => f(v, x)), valuesOf(() => f(w, x)), valuesOf(() => f(v, x))]).toEqual([
      [[8]],
      [[62]],
      [[10]],
    ]);
    expect([list(v), list(w)]).toEqual([
      [3, -2, 9],
      [11, 18, 33],
    ]);
    expect(f.stats).toMatchObject({ calls: 3, traces: 1 });
  });

  it("tells two variables from one that is there twice, and from one that the function captures", () => {
    const f = jit(({ from, to }: { from: tf.Variable; to: readonly tf.Variable[] }) => {
      to[0]!.assign(tf.mul(from, 2));
      return tf.sum(tf.add(from, v));
    });
    const total = (from: tf.Variable, to: tf.Variable) => valuesOf(() => f({ from, to: [to] }));
    const sum = (a: readonly number[], b: readonly number[]) => a.reduce((all, x, i) => all + x + b[i]!, 0);
    const [startV, startW] = [list(v), list(w)];
    const other = tf.tidy(() => tf.variable(tf.zerosLike(w)));
    expect(total(w, other)).toEqual([[sum(startW, startV)]]);
    expect(list(other)).toEqual(startW.map((x) => 2 * x));
    expect(total(w, w)).toEqual([[sum(list(w), startV)]]);
    expect(list(w)).toEqual(startW.map((x) => 2 * x));
    expect(total(other, w)).toEqual([[sum(list(other), startV)]]);
    expect(list(w)).toEqual(startW.map((x) => 4 * x));
    expect(list(v)).toEqual(startV);
    other.dispose();
  });

  it("assigns nothing when a run fails; XLA takes the nearest index instead", () => {
    const f = jit((at: tf.Tensor1D) => {
      v.assign(tf.add(v, 1));
      return tf.gather(v, at);
    });
    const [good, bad] = [tf.tensor1d([0, 2], "int32"), tf.tensor1d([7, 0], "int32")];
    expect(valuesOf(() => f(good))).toEqual([[2, 4]]);
    if (kind === "graph") expect(() => f(bad)).toThrow(/indices\[0\] = 7 is not in/);
    else expect(valuesOf(() => f(bad))).toEqual([[5, 3]]);
    expect(list(v)).toEqual(kind === "graph" ? [2, 3, 4] : [3, 4, 5]);
    expect(valuesOf(() => f(good))[0]![0]).toBe(list(v)[0]);
    tf.dispose([good, bad]);
  });

  it("takes another jit function as a part, and is a part of an eager gradient", () => {
    const square = jit((x: tf.Tensor) => tf.square(x));
    const f = jit((x: tf.Tensor) => tf.sum(square(x)));
    expect(valuesOf(() => f(x))).toEqual([[14]]);
    expect([f.stats.calls, square.stats.calls]).toEqual([1, 0]);
    expect(valuesOf(() => tf.grad((x) => f(x))(x))).toEqual([[2, -4, 6]]);
    expect(f.stats.calls).toBe(1);
  });

  it("gives gradients of kernels written by hand", () => {
    const variables = new Map([["v", v]]);
    const loss = (x: tf.Tensor) => () =>
      tf.sum<tf.Scalar>(nn.gelu(nn.layerNorm(tf.mul(tf.reshape(x, [1, 3]), v), null, null, 1e-5), "tanh"));
    const f = jit((x: tf.Tensor) => {
      const { value, grads } = valueAndGrad(loss(x), variables);
      return [value, grads.get("v")!];
    });
    const [actual, expected] = [valuesOf(() => f(x)), withJit("off", () => valuesOf(() => f(x)))];
    for (const [i, values] of actual.entries()) expectClose(values, expected[i]!, { rtol: 1e-5, atol: 1e-6 });
    expect(kinds(f)).toEqual([kind]);
  });

  it("draws the golden bits of the key", () => {
    const draw = jit((key: tf.Tensor) => random.uniform(key, [64], 5));
    for (const key of [7, -1, 123456789]) {
      const scalar = tf.scalar(key, "int32");
      expect(valuesOf(() => draw(scalar))).toEqual([
        Array.from({ length: 64 }, (_, i) => hashBits(key, 5 + i) / 2 ** 24),
      ]);
      scalar.dispose();
    }
    expect(kinds(draw)).toEqual([kind]);
    expect(draw.stats.traces).toBe(1);
  });

  const refusals: [string, () => unknown][] = [
    ["read", () => tf.relu(x).dataSync()],
    ["shape", () => tf.unique(tf.relu(x))],
    ["random", () => tf.add(x, tf.randomNormal([3]))],
    ["variable", () => tf.variable(tf.relu(x))],
  ];
  it.each(refusals)("refuses (%s) and leaves no tensor behind and variables as they were", (reason, refused) => {
    const held = counts();
    const ids = [v, w].map(({ dataId }) => dataId);
    const f = jit((x: tf.Tensor) => {
      v.assign(x as tf.Tensor1D);
      w.assign(tf.add(w, v));
      return refused();
    });
    for (let call = 0; call < 2; call++) {
      expect(() => f(x)).toThrow(expect.objectContaining({ name: "TraceError", reason }));
      expect([v, w].map(({ dataId }) => dataId)).toEqual(ids);
      expect([list(v), list(w)]).toEqual([
        [1, 2, 3],
        [10, 20, 30],
      ]);
      expect(counts()).toEqual(held);
    }
  });

  it("puts the binding back when the function throws, and compiles afterwards", () => {
    const { binding } = native();
    let broken = true;
    const f = jit((x: tf.Tensor) => {
      v.assign(tf.add(v, x));
      if (broken) throw new Error("mine");
      return tf.neg(v);
    });
    const held = counts();
    expect(() => f(x)).toThrow("mine");
    expect(native().binding).toBe(binding);
    expect(counts()).toEqual(held);
    expect(list(v)).toEqual([1, 2, 3]);
    broken = false;
    expect(valuesOf(() => f(x))).toEqual([[-2, -0, -6]]);
    expect(kinds(f)).toEqual([kind]);
  });

  it("keeps nothing from call to call", () => {
    const f = jit((x: tf.Tensor) => {
      v.assign(tf.add(tf.mul(v, 0.5), x));
      return tf.sum(v);
    });
    f(x).dispose();
    const held = counts();
    for (let call = 0; call < 500; call++) f(x).dispose();
    expect(counts()).toEqual(held);
    expectClose(list(v), [2, -4, 6], { rtol: 1e-6 });
  });
});
