/** One field of a protobuf message, encoded. */
export type Field = readonly Uint8Array[];

const utf8 = new TextEncoder();

/** A base-128 number; negative ones are 64-bit two's complement. */
function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const key = (number: number, wire: 0 | 2 | 5) => varint((number << 3) | wire);

/** An integer, boolean or enumeration. */
export const integer = (number: number, value: number | boolean): Field => [key(number, 0), varint(Number(value))];

/** A 32-bit float. */
export const float = (number: number, value: number): Field => [
  key(number, 5),
  new Uint8Array(Float32Array.of(value).buffer),
];

/** A string, bytes or a nested message. */
export function bytes(number: number, value: string | Uint8Array | readonly Field[]): Field {
  const content = typeof value === "string" ? utf8.encode(value) : value instanceof Uint8Array ? value : message(value);
  return [key(number, 2), varint(content.length), content];
}

/** A message of these fields, in this order. */
export function message(fields: readonly Field[]): Uint8Array {
  const parts = fields.flat();
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
