import { type Attribute, dataTypes, type GraphFunction, type GraphNode } from "../../src/graph/graph-def.js";

const { float32, int32, bool } = dataTypes;
const type = (value: number): Attribute => ({ kind: "type", value });

const node = (
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>>,
): GraphNode => ({ name, op, inputs, attributes });

const constant = (
  name: string,
  type: number,
  shape: readonly number[],
  values: Float32Array | Int32Array | Uint8Array,
) =>
  node(name, "Const", [], {
    dtype: { kind: "type", value: type },
    value: { kind: "tensor", value: { type, shape, values } },
  });

const fn = (name: string, nodes: readonly GraphNode[], from: string, attributes: GraphFunction["attributes"] = {}) => ({
  name,
  arguments: [{ name: "a0", type: float32 }],
  results: [{ name: "r0", type: float32, from }],
  nodes,
  functions: [],
  attributes,
});

const call = (name: string, inputs: readonly string[], f: string) =>
  node(name, "StatefulPartitionedCall", inputs, {
    Tin: { kind: "list(type)", value: inputs.map(() => float32) },
    Tout: { kind: "list(type)", value: [float32] },
    f: { kind: "func", value: f },
  });

/** Every kind of attribute, with the values that are easily written wrong. */
export const nodes: readonly GraphNode[] = [
  constant("floats", float32, [2, 2], Float32Array.of(Number.NaN, -0, Number.NEGATIVE_INFINITY, 1.5)),
  constant("ints", int32, [2, 1], Int32Array.of(-1, 2 ** 31 - 1)),
  constant("bools", bool, [3], Uint8Array.of(1, 0, 1)),
  constant("part", float32, [2], new Float32Array([9, 1, 2, 9]).subarray(1, 3)),
  constant("none", float32, [0, 3], new Float32Array(0)),
  node("p", "Placeholder", [], { dtype: type(float32), shape: { kind: "shape", value: [2, -1] } }),
  node("scalar", "Placeholder", [], { dtype: type(float32), shape: { kind: "shape", value: [] } }),
  node("unpack", "Unpack", ["floats:0"], {
    T: type(float32),
    num: { kind: "int", value: 2 },
    axis: { kind: "int", value: -2 },
  }),
  node("squeeze", "Squeeze", ["ints:0"], { T: type(int32), squeeze_dims: { kind: "list(int)", value: [-1] } }),
  node("squeezeAll", "Squeeze", ["ints:0"], { T: type(int32), squeeze_dims: { kind: "list(int)", value: [] } }),
  node("leaky", "LeakyRelu", ["floats:0"], { T: type(float32), alpha: { kind: "float", value: Number.NaN } }),
  node("product", "MatMul", ["floats:0", "floats:0"], {
    T: type(float32),
    transpose_a: { kind: "bool", value: true },
    transpose_b: { kind: "bool", value: false },
  }),
  node("named", "VarHandleOp", [], {
    dtype: type(float32),
    shape: { kind: "shape", value: [] },
    shared_name: { kind: "string", value: "größe 漢字 😀" },
    container: { kind: "string", value: "" },
  }),
  call("outerCall", ["p:0"], "outer"),
  call("nullaryCall", [], "nullary"),
];

/** `outer` calls `inner`; `nullary` has no arguments. */
export const functions: readonly GraphFunction[] = [
  fn("inner", [node("n0", "Neg", ["a0"], { T: type(float32) })], "n0:y:0"),
  fn("outer", [call("n0", ["a0"], "inner")], "n0:output:0", { _XlaMustCompile: { kind: "bool", value: true } }),
  { ...fn("nullary", [constant("c0", float32, [], Float32Array.of(0.5))], "c0:output:0"), arguments: [] },
];
