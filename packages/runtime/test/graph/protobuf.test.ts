import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, type Field, float, integer, message } from "../../src/graph/protobuf.js";
import { decode, type Schema } from "./decode.js";

const hex = (...fields: Field[]) => Buffer.from(message(fields)).toString("hex");
const one = (kind: "int" | "float" | "string" | "bytes", field: Field) =>
  decode({ 5: ["x", kind] }, message([field])).x;

describe("message", () => {
  // Worked out by hand from the wire format: key = number·8 + wire type, seven bits a byte, low bits first.
  it.each([
    ["a small number", integer(1, 1), "0801"],
    ["zero, which is written all the same", integer(1, 0), "0800"],
    ["150 in two bytes", integer(1, 150), "089601"],
    ["2³¹ − 1", integer(3, 2 ** 31 - 1), "18ffffffff07"],
    ["−1 as 64-bit two's complement", integer(3, -1), "18ffffffffffffffffff01"],
    ["−2³¹", integer(3, -(2 ** 31)), "1880808080f8ffffffff01"],
    ["true", integer(5, true), "2801"],
    ["a field number above 15", integer(16, 3), "800103"],
    ["1", float(4, 1), "250000803f"],
    ["NaN", float(4, Number.NaN), "250000c07f"],
    ["−0", float(4, -0), "2500000080"],
    ["UTF-8 of two, three and four bytes", bytes(2, "é漢😀"), "1209c3a9e6bca2f09f9880"],
    ["an empty string", bytes(2, ""), "1200"],
    ["raw bytes", bytes(2, Uint8Array.of(0, 255)), "120200ff"],
    ["a nested message", bytes(1, [integer(1, 2), bytes(2, [])]), "0a0408021200"],
  ])("writes %s", (_, field, expected) => {
    expect(hex(field)).toBe(expected);
  });

  it("keeps the order of its fields, and is empty without any", () => {
    expect(hex(integer(2, 1), integer(1, 2), integer(2, 3))).toBe("100108021003");
    expect(hex()).toBe("");
  });

  it("is read back by an independent decoder", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.float(), fc.string({ unit: "grapheme" }), fc.uint8Array(), (n, x, s, raw) => {
        expect(one("int", integer(5, n))).toBe(n);
        expect(one("float", float(5, x))).toBe(x);
        expect(one("string", bytes(5, s))).toBe(s);
        expect(one("bytes", bytes(5, raw))).toEqual(raw);
        const deep: Schema = { 2: ["items", () => ({ 300: ["n", "int"], 2: ["s", "string"] }), "repeated"] };
        const item = bytes(2, [integer(300, n), bytes(2, s)]);
        expect(decode(deep, message([item, item]))).toEqual({
          items: [
            { n, s },
            { n, s },
          ],
        });
      }),
    );
  });

  it("writes lengths beyond 127", () => {
    const long = new Uint8Array(20_000).fill(7);
    expect(one("bytes", bytes(5, long))).toEqual(long);
    expect(one("string", bytes(5, "é".repeat(100)))).toBe("é".repeat(100));
  });
});
