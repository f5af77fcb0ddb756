// Reads protobuf, written against the specification of the wire format and not against our writer: repeated numbers may be
// packed or not, fields come in any order, and what the schema does not name is an error.

/** What a field holds; a message is the schema of its own, `map` a list of entries { key, value }. */
type Kind = "int" | "float" | "string" | "bytes" | (() => Schema);
type Field = readonly [name: string, kind: Kind, rule?: "repeated" | "zero"];
export type Schema = Readonly<Record<number, Field>>;
export type Message = { [name: string]: unknown };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The message in `content`; absent lists are empty, what is `zero` may be left out for 0 or no bytes. */
export function decode(schema: Schema, content: Uint8Array): Message {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const message: Message = {};
  for (const [name, kind, rule] of Object.values(schema)) {
    if (rule === "repeated") message[name] = [];
    if (rule === "zero") message[name] = kind === "int" ? 0 : new Uint8Array(0);
  }
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const int = () => Number(BigInt.asIntN(64, varint()));
  const float = () => {
    at += 4;
    return view.getFloat32(at - 4, true);
  };
  while (at < content.length) {
    const key = Number(varint());
    const [name, kind, rule] = schema[key >> 3] ?? [];
    if (name === undefined || kind === undefined) throw new Error(`unknown field ${key >> 3}`);
    const add = (value: unknown) => {
      if (rule === "repeated") (message[name] as unknown[]).push(value);
      else message[name] = value;
    };
    const number = kind === "int" ? int : float;
    if ((key & 7) !== 2) {
      if (kind !== ((key & 7) === 0 ? "int" : "float")) throw new Error(`field ${name} has wire type ${key & 7}`);
      add(number());
      continue;
    }
    const end = Number(varint()) + at;
    if (end > content.length) throw new Error(`field ${name} is cut off`);
    if (kind === "int" || kind === "float") while (at < end) add(number());
    else {
      const part = content.subarray(at, end);
      add(kind === "bytes" ? Uint8Array.from(part) : kind === "string" ? utf8.decode(part) : decode(kind(), part));
      at = end;
    }
  }
  return message;
}

// The messages of tensorflow/core/{framework,protobuf}/*.proto as far as graphs of ours need them.
const repeated = "repeated";
const attributes = (): Schema => ({ 1: ["key", "string"], 2: ["value", attrValue] });
const shape = (): Schema => ({ 2: ["dim", () => ({ 1: ["size", "int", "zero"] }), repeated] });
const tensor = (): Schema => ({
  1: ["dtype", "int"],
  2: ["shape", shape],
  4: ["content", "bytes", "zero"],
  5: ["floats", "float", repeated],
  7: ["ints", "int", repeated],
  11: ["bools", "int", repeated],
});
const list = (): Schema => ({
  2: ["s", "string", repeated],
  3: ["i", "int", repeated],
  6: ["type", "int", repeated],
  7: ["shape", shape, repeated],
});
const attrValue = (): Schema => ({
  1: ["list", list],
  2: ["s", "string"],
  3: ["i", "int"],
  4: ["f", "float"],
  5: ["b", "int"],
  6: ["type", "int"],
  7: ["shape", shape],
  8: ["tensor", tensor],
  10: ["func", () => ({ 1: ["name", "string"], 2: ["attr", attributes, repeated] })],
});
const node = (): Schema => ({
  1: ["name", "string"],
  2: ["op", "string"],
  3: ["input", "string", repeated],
  4: ["device", "string"],
  5: ["attr", attributes, repeated],
  6: ["debug", "bytes"],
});
const argument = (): Schema => ({ 1: ["name", "string"], 3: ["type", "int"] });
const signature = (): Schema => ({
  1: ["name", "string"],
  2: ["inputs", argument, repeated],
  3: ["outputs", argument, repeated],
});
const functionDef = (): Schema => ({
  1: ["signature", signature],
  3: ["node", node, repeated],
  4: ["ret", () => ({ 1: ["key", "string"], 2: ["value", "string"] }), repeated],
  5: ["attr", attributes, repeated],
});
export const graphDef: Schema = {
  1: ["node", node, repeated],
  2: ["library", () => ({ 1: ["function", functionDef, repeated] })],
  3: ["version", "int"],
  4: ["versions", () => ({ 1: ["producer", "int"], 2: ["min_consumer", "int"] })],
};
/** The graph stays bytes. */
export const savedModelDef: Schema = {
  1: ["schemaVersion", "int"],
  2: [
    "metaGraphs",
    () => ({ 1: ["info", () => ({ 4: ["tags", "string", repeated] })], 2: ["graph", "bytes"] }),
    repeated,
  ],
};
