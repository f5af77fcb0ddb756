import { TraceError } from "../trace-error.js";
import { type Attribute, type Constant, dataTypes, type GraphFunction, type GraphNode } from "./graph-def.js";
import { opTable } from "./op-table.js";
import type { BindingAttribute, Handle, RecordedOp, Recording } from "./record.js";

/** The binding's numbers for kinds of attributes. */
export interface AttributeKinds {
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/** What a function is cut out of a recording by. */
export interface Cut {
  /** Name of the function. */
  readonly name: string;
  /** Tensors whose values are given at each call. */
  readonly inputs: readonly Handle[];
  /** Tensors whose values are wanted. */
  readonly outputs: readonly Handle[];
  /** The values of a tensor that was there before the recording and is no input; without, it becomes an argument. */
  readonly captured?: (handle: Handle) => Constant;
  readonly kinds: AttributeKinds;
}

/** Values of which there are many and that are all equal take no space. */
const uniformFrom = 64;

/**
 * The function of `inputs` that a recording has computed `outputs` by. Operations that do not matter for them are left out,
 * and names are the same for the same computation.
 *
 * @returns the function, and the binding's numbers of the arguments that it has after the inputs.
 * @throws TraceError `compile` for an operation that is not in the table.
 */
export function functionOf(
  { ops, constants, handles }: Recording,
  cut: Cut,
): { readonly fn: GraphFunction; readonly captures: readonly number[] } {
  const producers = new Map<number, number>();
  for (const [place, op] of ops.entries()) for (const { id } of op.outputs) producers.set(id, place);
  const names = new Map(cut.inputs.map(({ id }, i) => [id, `a${i}`]));
  const handle = (id: number) => handles.get(id) ?? cut.outputs.find((output) => output.id === id)!;
  const nodes: GraphNode[] = [];
  const captures: number[] = [];
  const called = new Map<string, GraphFunction>();

  // What is needed: the operations from which the outputs can be reached, in the order in which they ran.
  const needed = new Set<number>();
  const free = new Set<number>();
  const pending = cut.outputs.map(({ id }) => id);
  while (pending.length > 0) {
    const id = pending.pop()!;
    if (names.has(id)) continue;
    const place = producers.get(id);
    if (place === undefined) free.add(id);
    else if (!needed.has(place)) {
      needed.add(place);
      pending.push(...ops[place]!.inputs);
    }
  }

  for (const id of free) {
    const constant = constants.get(id) ?? cut.captured?.(handle(id));
    if (constant === undefined) {
      names.set(id, `a${cut.inputs.length + captures.length}`);
      captures.push(id);
      continue;
    }
    if (!ArrayBuffer.isView(constant.values)) throw refused("constants must be of numbers, got strings", "Const");
    const name = `c${names.size}`;
    nodes.push(...constantNodes(name, constant));
    names.set(id, `${name}:output:0`);
  }
  for (const [i, place] of [...needed].sort((a, b) => a - b).entries()) {
    const op = ops[place]!;
    const name = `n${i}`;
    for (const fn of Object.values(op.functions ?? {})) called.set(fn.name, fn);
    nodes.push(
      nodeOf(
        name,
        op,
        op.inputs.map((id) => names.get(id)!),
        op.inputs.map((id) => handle(id).dtype),
        cut.kinds,
      ),
    );
    for (const [i, output] of outputNames(name, op).entries()) names.set(op.outputs[i]!.id, output);
  }
  const fn = {
    name: cut.name,
    arguments: [...cut.inputs, ...captures.map(handle)].map(({ dtype }, i) => ({ name: `a${i}`, type: dtype })),
    results: cut.outputs.map(({ id, dtype }, i) => ({ name: `r${i}`, type: dtype, from: names.get(id)! })),
    nodes,
    functions: [...called.values()],
    attributes: {},
  };
  return { fn, captures };
}

/** Const, or Fill of one value. */
function constantNodes(name: string, constant: Constant): GraphNode[] {
  const { type, shape, values } = constant;
  const node = (called: string, value: Constant): GraphNode => ({
    name: called,
    op: "Const",
    inputs: [],
    attributes: { dtype: { kind: "type", value: value.type }, value: { kind: "tensor", value } },
  });
  const [first] = values;
  if (values.length <= uniformFrom || !values.every((value) => Object.is(value, first))) {
    warnOfLarge(constant);
    return [node(name, constant)];
  }
  return [
    node(`${name}d`, { type: dataTypes.int32, shape: [shape.length], values: Int32Array.from(shape) }),
    node(`${name}v`, { type, shape: [], values: values.slice(0, 1) }),
    {
      name,
      op: "Fill",
      inputs: [`${name}d:output:0`, `${name}v:output:0`],
      attributes: { T: { kind: "type", value: type }, index_type: { kind: "type", value: dataTypes.int32 } },
    },
  ];
}

/** The program of each signature has a copy of what is constant. */
function warnOfLarge({ values, shape }: Constant): void {
  if (values.byteLength <= 4 * 2 ** 20) return;
  const size = Math.round(values.byteLength / 2 ** 20);
  process.emitWarning(`jit: constant tensors should be small, got [${shape}] of ${size} MiB; pass it as an argument`);
}

/** How the outputs of an operation are called inside of a function. */
function outputNames(name: string, op: RecordedOp): string[] {
  const outputs = definitionOf(op.name).outputs.map((output) => output.replace(/\*.*|\[\]/, ""));
  if (outputs.length === op.outputs.length) return outputs.map((output) => `${name}:${output}:0`);
  return op.outputs.map((_, i) => `${name}:${outputs[0]}:${i}`);
}

function definitionOf(op: string) {
  const definition = opTable[op];
  if (definition !== undefined) return definition;
  throw refused(`every operation must be one that a program can have, got ${op}`, op);
}

function refused(rule: string, op: string): TraceError {
  return new TraceError(`jit: ${rule}`, { reason: "compile", op, fix: "compute it outside and pass it in" });
}

/** Eager calls may leave out attributes that a graph demands, or be mistaken in them: those of types follow from the inputs. */
function nodeOf(
  name: string,
  op: RecordedOp,
  inputs: readonly string[],
  types: readonly number[],
  kinds: AttributeKinds,
): GraphNode {
  const { inputs: parameters, attributes: known } = definitionOf(op.name);
  if (op.functions !== undefined) return callNode(name, op, inputs, types);
  const attributes: Record<string, Attribute> = {};
  let at = 0;
  for (const parameter of parameters) {
    const [type = "", count] = parameter.split("*");
    const many = count === undefined ? 1 : types.length - parameters.length + 1;
    if (count !== undefined) attributes[count] = { kind: "int", value: many };
    if (type !== "") attributes[type] = { kind: "type", value: types[at]! };
    at += many;
  }
  for (const attribute of op.attributes) {
    // What follows from the inputs is sure; tfjs takes a 0 from a comparison for a number at times.
    if (attribute.name in known) attributes[attribute.name] ??= attributeOf(attribute, kinds);
  }
  for (const [attribute, kind] of Object.entries(known))
    if (!kind.endsWith("?") && !(attribute in attributes))
      throw refused(`${op.name} must be called with its attribute ${attribute}`, op.name);
  return { name, op: op.name, inputs, attributes };
}

/** A call of functions: its types are those of all its inputs and outputs. */
function callNode(
  name: string,
  { name: op, functions, outputs }: RecordedOp,
  inputs: readonly string[],
  types: readonly number[],
): GraphNode {
  const called = Object.entries(functions!).map(([attribute, fn]) => [attribute, { kind: "func", value: fn.name }]);
  const lists = {
    T: { kind: "list(type)", value: types },
    Tin: { kind: "list(type)", value: types },
    Tout: { kind: "list(type)", value: outputs.map(({ dtype }) => dtype) },
  } as const;
  const own = Object.entries(lists).filter(([attribute]) => attribute in definitionOf(op).attributes);
  return { name, op, inputs, attributes: Object.fromEntries([...own, ...called]) };
}

function attributeOf({ type, value }: BindingAttribute, kinds: AttributeKinds): Attribute {
  switch (type) {
    case kinds.TF_ATTR_STRING:
      return { kind: "string", value: String(value) };
    case kinds.TF_ATTR_INT:
      return Array.isArray(value) ? { kind: "list(int)", value } : { kind: "int", value: Number(value) };
    case kinds.TF_ATTR_FLOAT:
      return { kind: "float", value: Number(value) };
    case kinds.TF_ATTR_BOOL:
      return { kind: "bool", value: Boolean(value) };
    case kinds.TF_ATTR_TYPE:
      return { kind: "type", value: Number(value) };
    default:
      return { kind: "shape", value: value as readonly number[] };
  }
}
