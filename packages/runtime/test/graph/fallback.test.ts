import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRuntime, jit } from "../../src/index.js";
import { rawOp } from "../../src/tensorflow-binding.js";
import { backends } from "../backends.js";
import { kinds, native, setJit, valuesOf } from "./with-jit.js";

describe.runIf(backends.includes("native")).each(["graph", "xla"] as const)(
  "jit as %s, what a program cannot have:",
  (kind) => {
    const outside = process.env.X_JIT;
    let x: tf.Tensor1D;
    beforeAll(async () => {
      setJit(kind);
      await createRuntime({ backend: "native" });
      x = tf.tensor1d([1, -2, 3]);
    });
    afterAll(() => {
      x.dispose();
      setJit(outside);
    });

    let warnings: string[];
    const warned = ({ message }: Error) => void warnings.push(message);
    beforeEach(() => {
      warnings = [];
      process.on("warning", warned);
    });
    afterEach(() => process.off("warning", warned));
    const settled = () => new Promise((resolve) => setImmediate(resolve));

    it("an operation without a compiler by XLA runs as a graph", async () => {
      const f = jit((x: tf.Tensor) =>
        tf.dilation2d(tf.reshape(x, [1, 3, 1, 1]) as tf.Tensor4D, tf.zeros([2, 1, 1]), 1, "valid"),
      );
      expect(valuesOf(() => f(x))).toEqual([[1, 3]]);
      expect(kinds(f)).toEqual(["graph"]);
      await settled();
      expect(warnings).toEqual([]);
    });

    const impossible: [string, string, (x: tf.Tensor) => unknown][] = [
      [
        "an operation that is not in the table",
        "BitwiseOr",
        (x) => rawOp("BitwiseOr", { T: "int32" }, [tf.cast(x, "int32"), tf.cast(x, "int32")]),
      ],
      ["a constant of strings", "strings", (x) => [tf.neg(x), tf.tensor1d(["a", "é"])]],
      [
        "a result in an object of a class",
        "arrays, maps and plain objects",
        (x) => Object.assign(new Date(0), { y: tf.neg(x) }),
      ],
    ];
    it.each(impossible)("%s is one warning that names it, and runs eagerly", async (_, named, run) => {
      const f = jit(run);
      const scope = tf.engine();
      for (let call = 0; call < 3; call++) {
        scope.startScope();
        const result = f(x);
        const tensors = result instanceof tf.Tensor ? [result] : Object.values(result as object);
        for (const tensor of tensors) if (tensor instanceof tf.Tensor) expect(tensor.isDisposed).toBe(false);
        tf.dispose(tensors.filter((tensor) => tensor instanceof tf.Tensor));
        scope.endScope();
      }
      await settled();
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(named);
      expect(f.stats).toMatchObject({ calls: 0, traces: 1, programs: [] });
    });

    it.each([
      [2 ** 20, 0],
      [2 ** 20 + 256, 1],
    ])(
      "a captured tensor of %i numbers is %i warnings that say what to do, and the same result",
      async (size, count) => {
        const large = tf.tensor1d(Float32Array.from({ length: size }, (_, i) => i));
        const f = jit((x: tf.Tensor1D) => tf.mul(x, tf.sum(tf.slice(large, 1, 2))));
        expect(valuesOf(() => f(x))).toEqual([[3, -6, 9]]);
        await settled();
        expect(warnings).toEqual(
          Array(count).fill(
            expect.stringMatching(/constant tensors .* got \[1048832\] of 4 MiB; pass it as an argument/),
          ),
        );
        large.dispose();
      },
    );

    it("a graph that TensorFlow refuses is one warning that names the operation, and runs eagerly", async () => {
      // No operation that TensorFlow executes is known to be refused in a graph, so its door says so itself.
      const { binding } = native();
      const loadSavedModel = () => {
        throw new Error("Fail to load: Op type not registered; NodeDef: {{node n1}}\n more");
      };
      native().binding = Object.create(binding, { loadSavedModel: { value: loadSavedModel, enumerable: true } });
      const f = jit((x: tf.Tensor) => tf.mul(tf.neg(x), tf.sin(x)));
      try {
        for (let call = 0; call < 3; call++) f(x).dispose();
      } finally {
        native().binding = binding;
      }
      await settled();
      expect(warnings).toEqual([
        expect.stringMatching(/^jit: TensorFlow must be able .* got Sin: Fail to load: Op[^\n]*eagerly$/),
      ]);
      expect(f.stats).toMatchObject({ calls: 0, traces: 1, programs: [] });
    });
  },
);
