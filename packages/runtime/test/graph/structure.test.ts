import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mapTensors, signatureOf, tensorsOf, traced, variablesOf } from "../../src/graph/structure.js";

class Model {
  readonly tensor: tf.Tensor;
  constructor(tensor: tf.Tensor) {
    this.tensor = tensor;
  }
}

class Named {
  readonly variable: tf.Variable;
  readonly size: number;
  constructor(variable: tf.Variable, size: number) {
    this.variable = variable;
    this.size = size;
  }
  get [traced]() {
    return { variable: this.variable, size: this.size };
  }
}

let x: tf.Tensor;
let y: tf.Tensor;
let v: tf.Variable;
beforeEach(() => {
  x = tf.ones([2, 3]);
  y = tf.ones([2, 3], "int32");
  v = tf.variable(x);
});
afterEach(() => tf.dispose([x, y, v]));

describe("mapTensors", () => {
  it("leaves objects that name what they depend on as they are", () => {
    const named = { x, [traced]: [] };
    expect(mapTensors([named, x], () => y)).toEqual([named, y]);
    expect(mapTensors(named, () => y)).toBe(named);
  });

  it("replaces the tensors of arrays, maps and plain objects, at any depth, and changes nothing that it was given", () => {
    const given = {
      a: [x, { b: y }],
      map: new Map<unknown, unknown>([
        ["x", x],
        [3, [y]],
      ]),
      bare: Object.create(null),
    };
    given.bare.x = x;
    const mapped = mapTensors(given, (tensor) => (tensor === x ? y : x));
    expect(mapped.a).toEqual([y, { b: x }]);
    expect([...mapped.map]).toEqual([
      ["x", y],
      [3, [x]],
    ]);
    expect(mapped.bare).toEqual({ x: y });
    expect(given.a[0]).toBe(x);
    expect(tensorsOf(given)).toEqual([x, y, x, y, x]);
  });

  it("leaves variables, objects of classes, sets, typed arrays, functions and simple values as they are", () => {
    const kept = [v, new Model(x), new Set([x]), Float32Array.of(1), () => x, 1, "a", null, undefined, true];
    const mapped = mapTensors(kept, () => y);
    for (const [i, value] of kept.entries()) expect(mapped[i]).toBe(value);
    expect(tensorsOf(kept)).toEqual([]);
  });
});

describe("variablesOf", () => {
  it("finds variables in arrays, maps and plain objects, one for each place", () => {
    expect(variablesOf([v, { a: new Map([["b", v]]), c: x, d: new Model(v) }, "e", null])).toEqual([v, v]);
  });

  it("finds those that an object of a class names", () => {
    expect(variablesOf([new Named(v, 1), { deep: [new Named(v, 2)] }])).toEqual([v, v]);
  });
});

describe("signatureOf", () => {
  it("tells apart two classes of one name, and tensors that an object names", () => {
    const make = () =>
      class Same {
        readonly tensor: tf.Tensor;
        constructor(tensor: tf.Tensor) {
          this.tensor = tensor;
        }
        get [traced]() {
          return this.tensor;
        }
      };
    const [A, B] = [make(), make()];
    const z = tf.ones([2, 3]);
    expect(signatureOf(new A(x))).toBe(signatureOf(new A(x)));
    expect(signatureOf(new A(x))).not.toBe(signatureOf(new B(x)));
    expect(signatureOf(new A(x))).not.toBe(signatureOf(new A(z)));
    expect(signatureOf(Object.assign(Object.create(null), { [traced]: 1 }))).toContain("1");
    z.dispose();
  });

  it("is the same for objects of a class that name the same shapes and values", () => {
    const w = tf.variable(x);
    expect(signatureOf(new Named(v, 1))).toBe(signatureOf(new Named(w, 1)));
    expect(signatureOf(new Named(v, 1))).not.toBe(signatureOf(new Named(v, 2)));
    expect(signatureOf([new Named(v, 1), v])).not.toBe(signatureOf([new Named(v, 1), w]));
    expect(signatureOf(new Named(v, 1))).not.toBe(signatureOf({ variable: v, size: 1 }));
    w.dispose();
  });

  it("is the same for other variables of the same shapes in the same places", () => {
    const other = tf.tidy(() => tf.variable(tf.zerosLike(x)));
    expect(signatureOf([v, v])).toBe(signatureOf([other, other]));
    expect(signatureOf([v, other])).toBe(signatureOf([other, v]));
    expect(signatureOf([v, other])).not.toBe(signatureOf([v, v]));
    other.dispose();
  });

  it("is the same for tensors of the same shape and dtype, whatever their values", () => {
    const other = tf.fill([2, 3], 9);
    expect(signatureOf([{ x }, 1])).toBe(signatureOf([{ x: other }, 1]));
    other.dispose();
  });

  it("tells apart everything else that a program may depend on", () => {
    const [f, g] = [() => 1, () => 1];
    const scalar = tf.scalar(1);
    const values: unknown[] = [
      x,
      y,
      v,
      scalar,
      ...[0, -0, 1, 10, 1n, Number.NaN, Number.POSITIVE_INFINITY, true, false, null, undefined],
      ...["1", "true", "null", "", "v0", "float32[2,3]", '"'],
      ...[[], {}, new Map(), [[]], [1, 0], [10], ["1,0"], [1, [0]], { a: 1 }, { a: "1" }, { b: 1 }, { a: 1, b: 2 }],
      ...[{ b: 2, a: 1 }, new Map([["a", 1]]), new Map([[1, "a"]]), [x], [x, x], { x }, [null], [undefined]],
      ...[f, g, new Model(x), new Model(x)],
      ...[Float32Array.of(0), Float32Array.of(-0), Int32Array.of(0), Uint8Array.of(0), Float32Array.of(0, 0), [0]],
    ];
    expect(new Set(values.map(signatureOf)).size).toBe(values.length);
    expect(values.map(signatureOf)).toEqual(values.map(signatureOf));
    scalar.dispose();
  });

  it("is equal for plain values exactly when they are", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(signatureOf(a)).toBe(signatureOf(structuredClone(a)));
        expect(signatureOf(a) === signatureOf(b)).toBe(
          JSON.stringify(a) === JSON.stringify(b) && !hasNegativeZero(a, b),
        );
      }),
    );
  });
});

/** JSON writes −0 as 0. */
function hasNegativeZero(...values: unknown[]): boolean {
  return values.some((value) =>
    typeof value === "object" && value !== null ? hasNegativeZero(...Object.values(value)) : Object.is(value, -0),
  );
}
