import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, StateError } from "@x/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BackendName, createRuntime, jit, parallel, random, whileLoop } from "../src/index.js";
import { backends } from "./backends.js";
import { kinds, list, setJit } from "./graph/with-jit.js";

type Kind = "off" | "graph" | "xla";
const engines: readonly (readonly [BackendName, Kind])[] = backends.flatMap((backend) =>
  (backend === "native" ? (["off", "graph", "xla"] as const) : (["off"] as const)).map(
    (kind) => [backend, kind] as const,
  ),
);

describe.each(engines)("on %s with programs %s", (backend, kind) => {
  const outside = process.env.X_JIT;
  let before: number;
  let x: tf.Tensor1D;
  let v: tf.Variable;
  let w: tf.Variable;
  beforeAll(async () => {
    setJit(kind);
    await createRuntime({ backend });
  });
  afterAll(() => setJit(outside));
  beforeEach(() => {
    before = tf.memory().numTensors;
    x = tf.tensor1d([1, 2, 3]);
    [v, w] = tf.tidy(() => [tf.variable(tf.tensor1d([1, 2, 3])), tf.variable(tf.tensor1d([10, 20, 30]))]);
  });
  afterEach(() => {
    tf.dispose([x, v, w]);
    expect(tf.memory().numTensors).toBe(before);
  });
  const take = (tensors: readonly tf.Tensor[]) => {
    const values = tensors.map(list);
    tf.dispose([...tensors]);
    return values;
  };
  const isOne = <A extends unknown[], R>(f: { readonly stats: ReturnType<typeof jit<A, R>>["stats"] }) => {
    expect(kinds(f as ReturnType<typeof jit<A, R>>)).toEqual(kind === "off" ? [] : [kind]);
  };

  describe("whileLoop", () => {
    it("repeats as often as a tensor says, zero times included, in one program", () => {
      const power = jit((x: tf.Tensor, times: tf.Scalar) =>
        whileLoop(
          { y: tf.onesLike(x), i: tf.scalar(0, "int32") },
          ({ i }) => tf.less(i, times),
          ({ y, i }) => ({ y: tf.mul(y, x), i: tf.add(i, tf.scalar(1, "int32")) as tf.Scalar }),
        ),
      );
      for (const times of [3, 0, 5]) {
        const count = tf.scalar(times, "int32");
        const { y, i } = power(x, count);
        expect(take([y, i, count])).toEqual([[1, 2 ** times, 3 ** times], [times], [times]]);
      }
      isOne(power);
    });

    it("gives a state of its own, also where the body returns what is not", () => {
      const f = jit(() =>
        whileLoop<{ y: tf.Tensor; i: tf.Scalar }>(
          { y: tf.zerosLike(x), i: tf.scalar(0, "int32") },
          ({ i }) => tf.less(i, tf.scalar(2, "int32")),
          ({ i }) => ({ y: x, i: tf.add(i, tf.scalar(1, "int32")) as tf.Scalar }),
        ),
      );
      const { y, i } = f();
      expect(y).not.toBe(x);
      expect(take([y, i])).toEqual([[1, 2, 3], [2]]);
      expect(list(x)).toEqual([1, 2, 3]);
    });

    it("refuses a condition that assigns a variable, and a state whose numbers change", () => {
      const assigning = jit(() =>
        whileLoop(
          tf.zerosLike(x),
          (x) => {
            v.assign(tf.add(v, 1));
            return tf.less(tf.max(x), 1);
          },
          (x) => tf.add(x, 1),
        ),
      );
      expect(assigning).toThrow(/^whileLoop: the condition must assign no variable, got /);
      expect(list(v)).toEqual(kind === "off" ? [2, 3, 4] : [1, 2, 3]);
      const counting = jit(() =>
        whileLoop<{ x: tf.Tensor; n: number }>(
          { x, n: 0 },
          ({ x }) => tf.less(tf.max(x), 5),
          ({ x, n }) => ({ x: tf.add(x, 1), n: n + 1 }),
        ),
      );
      expect(counting).toThrow(ShapeError);
    });

    it("carries the variables that the body assigns, reads the others, and leaves those as they are", () => {
      const f = jit((times: tf.Scalar) => {
        v.assign(tf.add(v, 1));
        const [sum] = whileLoop(
          [tf.zeros<tf.Rank>([3]), tf.scalar(0, "int32")] as [tf.Tensor, tf.Tensor],
          ([, i]) => tf.less(i, times),
          ([sum, i]) => {
            v.assign(tf.add(v, w));
            return [tf.add(sum, v), tf.add(i, tf.scalar(1, "int32"))];
          },
        );
        return [sum, tf.clone<tf.Tensor>(v)];
      });
      const two = tf.scalar(2, "int32");
      expect(take(f(two))).toEqual([
        [12 + 22, 23 + 43, 34 + 64],
        [22, 43, 64],
      ]);
      expect([list(v), list(w)]).toEqual([
        [22, 43, 64],
        [10, 20, 30],
      ]);
      expect(take(f(two))[1]).toEqual([43, 84, 125]);
      isOne(f);
      two.dispose();
    });

    it("draws other random numbers at each turn, from a key that goes round", () => {
      const f = jit((key: tf.Scalar) =>
        whileLoop(
          [tf.zeros([4]), key] as const,
          ([, k]) => tf.less(k, tf.add(key, tf.scalar(3, "int32"))),
          ([sum, k]) => [tf.add(sum, random.uniform(k, [4])), tf.add<tf.Scalar>(k, tf.scalar(1, "int32"))] as const,
        ),
      );
      const key = tf.scalar(5, "int32");
      const [sum, last] = f(key);
      const expected = tf.tidy(() => list(tf.addN([5, 6, 7].map((k) => random.uniform(tf.scalar(k, "int32"), [4])))));
      for (const [i, value] of list(sum).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
      expect(list(last)).toEqual([8]);
      tf.dispose([sum, last, key]);
    });

    it("has loops in loops, and a state that is passed on as it is or twice", () => {
      const f = jit((x: tf.Tensor) =>
        whileLoop(
          { a: x, same: x, twice: [x, x], i: tf.scalar(0) as tf.Tensor },
          ({ i }) => tf.less(i, 2),
          ({ a, same, i }) => {
            const [grown] = whileLoop(
              [a, tf.scalar(0)] as [tf.Tensor, tf.Tensor],
              ([, j]) => tf.less(j, 3),
              ([a, j]) => [tf.add(a, same), tf.add(j, 1)],
            );
            return { a: grown, same, twice: [grown, grown], i: tf.add(i, 1) };
          },
        ),
      );
      const { a, same, twice, i } = f(x);
      expect([a, same, ...twice, i].map(list)).toEqual([[7, 14, 21], [1, 2, 3], [7, 14, 21], [7, 14, 21], [2]]);
      tf.dispose({ a, same, twice, i });
      isOne(f);
    });

    it("refuses a state that changes its shape, gradients, and reading inside", () => {
      const grows = jit((x: tf.Tensor) =>
        whileLoop(
          [x],
          () => tf.scalar(1),
          ([x]) => [tf.concat([x!, x!])],
        ),
      );
      expect(() => grows(x)).toThrow(
        /must return a state like the one it is given, \(float32\[3\]\); got \(float32\[6\]\)/,
      );
      const many = jit((x: tf.Tensor) =>
        whileLoop(
          x,
          (x) => tf.greater(x, 0),
          (x) => tf.sub(x, 1),
        ),
      );
      expect(() => many(x)).toThrow(ShapeError);
      expect(() =>
        whileLoop(
          x,
          () => tf.scalar(1),
          () => tf.scalar(2) as tf.Tensor as tf.Tensor1D,
        ),
      ).toThrow(ShapeError);
      expect(() =>
        tf.grad(
          (x) =>
            whileLoop(
              [x],
              () => tf.scalar(0),
              (s) => s,
            )[0]!,
        )(x),
      ).toThrow(StateError);
      const reads = jit((x: tf.Tensor) =>
        whileLoop(
          [x],
          ([x]) => tf.scalar(x!.dataSync()[0]! - 1),
          (s) => s,
        ),
      );
      expect(() => reads(x)).toThrow(/must not read/);
    });
  });

  describe("parallel", () => {
    it("gives what the functions give, with their variables, in one program", () => {
      const f = jit((x: tf.Tensor) => {
        v.assign(tf.mul(v, 2));
        const parts = parallel([
          () => {
            v.assign(tf.add(v, x));
            return { sum: tf.sum(x), first: tf.slice(x, 0, 1) };
          },
          () => {
            w.assign(tf.sub(w, x));
            return { sum: tf.sum(tf.square(x)), first: tf.slice(w, 0, 1) };
          },
        ]);
        return [tf.add(parts[0]!.sum, parts[1]!.sum), parts[0]!.first, parts[1]!.first, tf.add(v, w)];
      });
      expect(take(f(x))).toEqual([[20], [1], [9], [12, 24, 36]]);
      expect([list(v), list(w)]).toEqual([
        [3, 6, 9],
        [9, 18, 27],
      ]);
      expect(take(f(x))[3]).toEqual([15, 30, 45]);
      isOne(f);
    });

    it("compiles the same function once, whatever it is called with", () => {
      const f = jit((x: tf.Tensor) => {
        const shares = tf.split(x, 3);
        const parts = parallel(shares.map((share) => () => tf.tanh(tf.add(tf.mul(share, 0.5), tf.tensor1d([1])))));
        return tf.concat(parts);
      });
      const one = jit((x: tf.Tensor) => parallel([() => tf.tanh(tf.add(tf.mul(x, 0.5), tf.tensor1d([1])))])[0]!);
      const share = tf.slice(x, 0, 1);
      for (const [i, value] of take([f(x), one(share)])
        .flat()
        .entries())
        expect(value).toBeCloseTo(Math.tanh([1, 2, 3, 1][i]! / 2 + 1), 5);
      if (kind !== "off") expect(f.stats.programs[0]!.operations - one.stats.programs[0]!.operations).toBeLessThan(10); // split, concat, calls
      share.dispose();
    });

    it("takes gradients inside, and refuses one around it", () => {
      const f = jit((x: tf.Tensor) => parallel([() => tf.grad((x) => tf.sum(tf.square(x)))(x)])[0]!);
      expect(take([f(x)])).toEqual([[2, 4, 6]]);
      expect(() => tf.grad((x) => parallel([() => tf.square(x)])[0]!)(x)).toThrow(StateError);
    });
  });
});
