import { describe, expect, it } from "vitest";
import { type AttributeKinds, type Cut, functionOf } from "../../src/graph/body.js";
import { type Attribute, dataTypes, type GraphFunction } from "../../src/graph/graph-def.js";
import type { BindingAttribute, Handle, RecordedOp, Recording } from "../../src/graph/record.js";
import { TraceError } from "../../src/index.js";

const { float32, int32, bool } = dataTypes;
const kinds: AttributeKinds = {
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
};
const handle = (id: number, dtype: number = float32): Handle => ({ id, shape: [2], dtype });
const op = (
  name: string,
  inputs: readonly number[],
  outputs: readonly Handle[],
  attributes: readonly BindingAttribute[] = [],
): RecordedOp => ({ name, inputs, outputs, attributes });
const recordingOf = (
  ops: readonly RecordedOp[],
  given: readonly Handle[],
  constants: Recording["constants"] = new Map(),
) => ({
  ops,
  constants,
  handles: new Map([...given, ...ops.flatMap(({ outputs }) => outputs)].map((one) => [one.id, one])),
});
const cutOf = (inputs: readonly Handle[], outputs: readonly Handle[]): Cut => ({
  name: "f",
  inputs,
  outputs,
  captured: ({ shape, dtype }) => ({ type: dtype, shape, values: Float32Array.of(5, 6) }),
  kinds,
});
const summary = ({ nodes }: GraphFunction) => nodes.map((node) => `${node.name}=${node.op}(${node.inputs})`);
const type = (value: number): Attribute => ({ kind: "type", value });

describe("functionOf", () => {
  it("has the operations that the outputs need, in their order, and no others", () => {
    const ops = [
      op("Neg", [1], [handle(10)]),
      op("Sin", [1], [handle(11)]), // needed by nobody
      op("Mul", [10, 2], [handle(12)]),
      op("Add", [12, 10], [handle(13)]),
    ];
    const { fn } = functionOf(
      recordingOf(ops, [handle(1), handle(2)]),
      cutOf([handle(1), handle(2)], [handle(13), handle(10)]),
    );
    expect(summary(fn)).toEqual(["n0=Neg(a0)", "n1=Mul(n0:y:0,a1)", "n2=Add(n1:z:0,n0:y:0)"]);
    expect(fn.arguments).toEqual([
      { name: "a0", type: float32 },
      { name: "a1", type: float32 },
    ]);
    expect(fn.results).toEqual([
      { name: "r0", type: float32, from: "n2:z:0" },
      { name: "r1", type: float32, from: "n0:y:0" },
    ]);
  });

  it("names each of several outputs, and counts those that have one name", () => {
    const ops = [
      op(
        "TopKV2",
        [1, 2],
        [handle(10), handle(11, int32)],
        [{ name: "sorted", type: kinds.TF_ATTR_BOOL, value: true }],
      ),
      op(
        "Unpack",
        [10],
        [handle(12), handle(13)],
        [
          { name: "num", type: kinds.TF_ATTR_INT, value: 2 },
          { name: "axis", type: kinds.TF_ATTR_INT, value: -1 },
        ],
      ),
    ];
    const { fn } = functionOf(
      recordingOf(ops, [handle(1), handle(2, int32)]),
      cutOf([handle(1), handle(2)], [handle(11, int32), handle(13)]),
    );
    expect(fn.results.map(({ from }) => from)).toEqual(["n0:indices:0", "n1:output:1"]);
    expect(fn.nodes[1]!.attributes).toEqual({
      T: type(float32),
      num: { kind: "int", value: 2 },
      axis: { kind: "int", value: -1 },
    });
  });

  it("works types and counts out from the inputs, whatever the call said, and drops attributes that nobody knows", () => {
    const ops = [
      op(
        "Pack",
        [1, 1, 1],
        [handle(10)],
        [
          { name: "N", type: kinds.TF_ATTR_INT, value: 9 },
          { name: "T", type: kinds.TF_ATTR_TYPE, value: bool },
          { name: "axis", type: kinds.TF_ATTR_INT, value: 0 },
          { name: "unheard", type: kinds.TF_ATTR_INT, value: 0 },
        ],
      ),
      op("ConcatV2", [10, 10, 2], [handle(11)]),
      op("Select", [3, 10, 11], [handle(12)]),
    ];
    const given = [handle(1), handle(2, int32), handle(3, bool)];
    const { nodes } = functionOf(recordingOf(ops, given), cutOf([handle(1), handle(2), handle(3)], [handle(12)])).fn;
    expect(nodes.map(({ attributes }) => attributes)).toEqual([
      { N: { kind: "int", value: 3 }, T: type(float32), axis: { kind: "int", value: 0 } },
      { N: { kind: "int", value: 2 }, T: type(float32), Tidx: type(int32) },
      { T: type(float32) },
    ]);
  });

  it("takes every kind of attribute", () => {
    const attributes: [string, number, unknown, Attribute][] = [
      ["strides", kinds.TF_ATTR_INT, [1, 2], { kind: "list(int)", value: [1, 2] }],
      ["padding", kinds.TF_ATTR_STRING, "SAME", { kind: "string", value: "SAME" }],
      ["use_cudnn_on_gpu", kinds.TF_ATTR_BOOL, 1, { kind: "bool", value: true }],
      ["explicit_paddings", kinds.TF_ATTR_INT, [], { kind: "list(int)", value: [] }],
    ];
    const convolution = op(
      "Conv2D",
      [1, 1],
      [handle(10)],
      attributes.map(([name, type, value]) => ({ name, type, value })),
    );
    const leaky = op("LeakyRelu", [10], [handle(11)], [{ name: "alpha", type: kinds.TF_ATTR_FLOAT, value: 0.25 }]);
    const { nodes } = functionOf(recordingOf([convolution, leaky], [handle(1)]), cutOf([handle(1)], [handle(11)])).fn;
    expect(nodes[0]!.attributes).toEqual({
      T: type(float32),
      ...Object.fromEntries(attributes.map(([name, , , value]) => [name, value])),
    });
    expect(nodes[1]!.attributes.alpha).toEqual({ kind: "float", value: 0.25 });
  });

  it("makes constants of what JavaScript gave and of what was captured, once each", () => {
    const constants = new Map([[2, { type: float32, shape: [2], values: Float32Array.of(1, 2) }]]);
    const ops = [op("Add", [1, 2], [handle(10)]), op("Add", [10, 2], [handle(11)]), op("Mul", [11, 3], [handle(12)])];
    const { fn } = functionOf(
      recordingOf(ops, [handle(1), handle(2), handle(3)], constants),
      cutOf([handle(1)], [handle(12)]),
    );
    const values = fn.nodes.filter((node) => node.op === "Const").map(({ attributes }) => attributes.value);
    expect(values).toHaveLength(2);
    expect(values).toContainEqual({ kind: "tensor", value: constants.get(2) });
    expect(values).toContainEqual({
      kind: "tensor",
      value: { type: float32, shape: [2], values: Float32Array.of(5, 6) },
    });
  });

  it("makes further arguments of what was captured when nobody gives values, and calls functions by their names", () => {
    const called = functionOf(recordingOf([op("Neg", [5], [handle(6)])], [handle(5)]), {
      name: "f",
      inputs: [],
      outputs: [handle(6)],
      kinds,
    });
    expect(called.captures).toEqual([5]);
    expect(called.fn.arguments).toEqual([{ name: "a0", type: float32 }]);
    const call: RecordedOp = { ...op("StatefulPartitionedCall", [1], [handle(7)]), functions: { f: called.fn } };
    const { fn } = functionOf(recordingOf([call], [handle(1)]), cutOf([handle(1)], [handle(7)]));
    expect(fn.functions).toEqual([called.fn]);
    expect(fn.nodes[0]!.attributes).toEqual({
      Tin: { kind: "list(type)", value: [float32] },
      Tout: { kind: "list(type)", value: [float32] },
      f: { kind: "func", value: "f" },
    });
  });

  it("has the same names for the same computation, whatever the tensors' numbers are", () => {
    const fnOf = (first: number) => {
      const constants = new Map([[first + 3, { type: float32, shape: [2], values: Float32Array.of(1, 2) }]]);
      const ops = [op("Sin", [first], [handle(first + 1)]), op("Add", [first, first + 3], [handle(first + 2)])];
      return functionOf(
        recordingOf(ops, [handle(first), handle(first + 3)], constants),
        cutOf([handle(first)], [handle(first + 2)]),
      );
    };
    expect(fnOf(40)).toEqual(fnOf(7));
  });

  it.each([
    ["65 ones", new Float32Array(65).fill(1), ["Const", "Const", "Fill"]],
    ["65 NaN", new Float32Array(65).fill(Number.NaN), ["Const", "Const", "Fill"]],
    ["64 ones", new Float32Array(64).fill(1), ["Const"]],
    ["64 zeros and −0", new Float32Array(65).fill(-0, 64), ["Const"]],
    ["nothing", new Float32Array(0), ["Const"]],
  ])("writes %s as %s", (_, values, expected) => {
    const constants = new Map([[2, { type: float32, shape: [values.length], values }]]);
    const { fn } = functionOf(recordingOf([], [handle(2)], constants), cutOf([], [handle(2)]));
    expect(fn.nodes.map((node) => node.op)).toEqual(expected);
    const shape = fn.nodes[0]!.attributes.value;
    if (expected.length > 1)
      expect(shape).toMatchObject({ value: { type: int32, shape: [1], values: Int32Array.of(65) } });
  });

  it("gives an input that is an output as it is", () => {
    const { fn } = functionOf(recordingOf([], []), cutOf([handle(1)], [handle(1)]));
    expect(fn).toMatchObject({ arguments: [{ name: "a0" }], results: [{ from: "a0" }], nodes: [] });
  });

  it.each([
    ["an operation that is not in the table", "NoSuchOp", [], "NoSuchOp"],
    ["a call without an attribute that has no default", "Cast", [], "attribute DstT"],
  ] as const)("refuses %s by name", (_, name, attributes, named) => {
    const refused = () =>
      functionOf(recordingOf([op(name, [1], [handle(10)], attributes)], [handle(1)]), cutOf([handle(1)], [handle(10)]));
    expect(refused).toThrow(TraceError);
    expect(refused).toThrow(
      expect.objectContaining({ reason: "compile", op: name, message: expect.stringContaining(named) }),
    );
  });
});
