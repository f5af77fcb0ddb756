import type { Message } from "./decode.js";

type Entry = { key: string; value: unknown };

/**
 * A decoded graph without what TensorFlow is free to say or not: the order of maps, its defaults, `false`, 0 and "" as
 * absent values.
 */
export function comparable(graph: Message): unknown {
  const { node, library } = graph as { node: Message[]; library: { function: Message[] } };
  const functions = library.function.map(({ node, attr, ret, signature }) => ({
    signature,
    nodes: (node as Message[]).map(plain),
    attributes: mapOf(attr as Entry[]),
    returns: mapOf(ret as Entry[]),
  }));
  return {
    nodes: node.map(plain),
    functions: Object.fromEntries(functions.map((fn) => [(fn.signature as Message).name, fn])),
  };
}

const plain = ({ name, op, input, attr }: Message) => ({
  name,
  op,
  inputs: (input as string[]).map((from) => from.replace(/:0$/, "")),
  attributes: mapOf((attr as Entry[]).filter(({ key }) => !defaults.has(`${op} ${key}`))),
});

const mapOf = (entries: readonly Entry[]) => Object.fromEntries(entries.map(({ key, value }) => [key, value]));

/** What the example leaves to TensorFlow. */
const defaults = new Set(["MatMul grad_a", "MatMul grad_b", "VarHandleOp debug_name", "VarHandleOp allowed_devices"]);
for (const key of ["config", "config_proto", "executor_type"]) defaults.add(`StatefulPartitionedCall ${key}`);
