// TensorFlow's graphs as protobuf; the numbers are those of tensorflow/core/framework/*.proto.
import { bytes, type Field, float, integer, message } from "./protobuf.js";

/** TensorFlow's numbers for the types that tensors of tfjs have. */
export const dataTypes = { float32: 1, int32: 3, bool: 10 } as const;

/** The value of an attribute. */
export type Attribute =
  | { readonly kind: "int" | "float" | "type"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "string" | "func"; readonly value: string }
  | { readonly kind: "shape"; readonly value: readonly number[] }
  | { readonly kind: "list(int)" | "list(type)"; readonly value: readonly number[] }
  | { readonly kind: "tensor"; readonly value: Constant };

/** The values of a tensor that is part of a graph. */
export interface Constant {
  /** TensorFlow's number of the type. */
  readonly type: number;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** One operation. Inputs are `NODE:INDEX` in a graph and `NODE:OUTPUT:INDEX` (or an argument's name) in a function. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A function: its arguments and results with their types, and where each result comes from. */
export interface GraphFunction {
  readonly name: string;
  readonly arguments: readonly { readonly name: string; readonly type: number }[];
  readonly results: readonly { readonly name: string; readonly type: number; readonly from: string }[];
  readonly nodes: readonly GraphNode[];
  /** Those that its nodes call. */
  readonly functions: readonly GraphFunction[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

const list = (number: number) => (value: number) => integer(number, value);

const shapeProto = (shape: readonly number[]) => shape.map((size) => bytes(2, [integer(1, size)]));

function attributeValue({ kind, value }: Attribute): Field[] {
  switch (kind) {
    case "string":
      return [bytes(2, value)];
    case "int":
      return [integer(3, value)];
    case "float":
      return [float(4, value)];
    case "bool":
      return [integer(5, value)];
    case "type":
      return [integer(6, value)];
    case "shape":
      return [bytes(7, shapeProto(value))];
    case "tensor":
      return [bytes(8, tensorProto(value))];
    case "func":
      return [bytes(10, [bytes(1, value)])];
    case "list(int)":
      return [bytes(1, value.map(list(3)))];
    case "list(type)":
      return [bytes(1, value.map(list(6)))];
  }
}

function tensorProto({ type, shape, values }: Constant): Field[] {
  const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [integer(1, type), bytes(2, shapeProto(shape)), bytes(4, content)];
}

const attributeMap = (number: number, attributes: Readonly<Record<string, Attribute>>): Field[] =>
  Object.entries(attributes).map(([name, value]) => bytes(number, [bytes(1, name), bytes(2, attributeValue(value))]));

const nodeDef = ({ name, op, inputs, attributes }: GraphNode): Field[] => [
  bytes(1, name),
  bytes(2, op),
  ...inputs.map((input) => bytes(3, input)),
  ...attributeMap(5, attributes),
];

function functionDef(fn: GraphFunction): Field[] {
  const argument = ({ name, type }: { name: string; type: number }) => [bytes(1, name), integer(3, type)];
  const signature = [
    bytes(1, fn.name),
    ...fn.arguments.map((arg) => bytes(2, argument(arg))),
    ...fn.results.map((result) => bytes(3, argument(result))),
  ];
  return [
    bytes(1, signature),
    ...fn.nodes.map((node) => bytes(3, nodeDef(node))),
    ...fn.results.map(({ name, from }) => bytes(4, [bytes(1, name), bytes(2, from)])),
    ...attributeMap(5, fn.attributes),
  ];
}

/** A function's bytes: the same for the same function. */
export const functionBytes = (fn: GraphFunction): Uint8Array => message(functionDef(fn));

/** A SavedModel of one graph, tagged `serve`. */
export function savedModel(nodes: readonly GraphNode[], functions: readonly GraphFunction[]): Uint8Array {
  const graph = [
    ...nodes.map((node) => bytes(1, nodeDef(node))),
    bytes(
      2,
      functions.map((fn) => bytes(1, functionDef(fn))),
    ),
    bytes(4, [integer(1, 1087)]), // the version of graphs that libraries from 2.9 on read
  ];
  return message([integer(1, 1), bytes(2, [bytes(1, [bytes(4, "serve")]), bytes(2, graph)])]);
}
