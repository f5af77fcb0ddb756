import { FormatError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSafetensors } from "../src/index.js";
import { parseHeader, parseHeaderLength } from "../src/safetensors-header.js";

const entry = (begin: number, end: number, more: object = {}) => ({
  dtype: "F32",
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...more,
});
const encode = (header: unknown) =>
  new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
const parse = (header: unknown, dataSize: number) => parseHeader(encode(header), "m.safetensors", dataSize);

describe("parseHeader", () => {
  it("gives the tensors in the order of their bytes, whatever the order of the names and the padding", () => {
    const header = `${JSON.stringify({ b: entry(8, 16), __metadata__: { format: "pt" }, a: entry(0, 8), none: entry(8, 8) })}  `;
    const entries = parse(header, 16);
    expect(entries.map(({ name, begin, end }) => [name, begin, end])).toEqual([
      ["a", 0, 8],
      ["none", 8, 8],
      ["b", 8, 16],
    ]);
    expect(parse({}, 0)).toEqual([]);
  });

  const bad: [string, unknown, number, string][] = [
    ["no object", "[]", 0, 'must begin with "{"'],
    ["no JSON", "{", 0, "must be JSON"],
    ["no UTF-8", "", 0, 'must begin with "{"'],
    ["a gap", { a: entry(0, 4), b: entry(8, 12) }, 12, "a gap lies before b"],
    ["a gap at the start", { a: entry(4, 8) }, 8, "a gap lies before a"],
    ["an overlap", { a: entry(0, 8), b: entry(4, 12) }, 12, "an overlap lies before b"],
    ["the same bytes twice", { a: entry(0, 8), b: entry(0, 8) }, 8, "an overlap lies before b"],
    ["bytes that are cut off", { a: entry(0, 8) }, 7, "a must end inside the file"],
    ["bytes that follow", { a: entry(0, 8) }, 9, "1 bytes follow it"],
    ["a size that does not fit the shape", { a: entry(0, 8, { shape: [3] }) }, 8, "must have 12 bytes"],
    ["a size that does not fit the dtype", { a: entry(0, 8, { dtype: "F64" }) }, 8, "must have 16 bytes"],
    ["a shape beyond all bounds", { a: entry(0, 8, { shape: [2 ** 40, 2 ** 40] }) }, 8, "must have"],
    ["an unknown dtype", { a: entry(0, 8, { dtype: "F8_E4M3" }) }, 8, "the dtype of a must be one of"],
    ["an inherited name as dtype", { a: entry(0, 8, { dtype: "toString" }) }, 8, "the dtype of a"],
    ["a negative length", { a: entry(0, 8, { shape: [-2] }) }, 8, "the shape of a must be"],
    ["a length that is no integer", { a: entry(0, 8, { shape: [1.5] }) }, 8, "the shape of a must be"],
    ["no shape", { a: { dtype: "F32", data_offsets: [0, 4] } }, 4, "the shape of a must be"],
    ["one offset", { a: entry(0, 8, { data_offsets: [0] }) }, 8, "the data_offsets of a"],
    ["offsets that go back", { a: entry(0, 8, { data_offsets: [8, 0] }) }, 8, "its data_offsets span -8"],
    ["no entry", { a: null }, 0, "the dtype of a"],
    ["metadata that is no text", { __metadata__: { a: 1 } }, 0, "__metadata__ must map strings"],
    ["metadata that is a list", { __metadata__: ["a"] }, 0, "__metadata__ must map strings"],
    [
      "a name twice",
      `{"a":${JSON.stringify(entry(0, 4))},"\\u0061":${JSON.stringify(entry(4, 8))}}`,
      8,
      '"a" stands there twice',
    ],
    [
      "a key twice",
      '{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}',
      4,
      '"dtype" stands there twice',
    ],
  ];
  it.each(bad)("refuses %s", (_, header, dataSize, message) => {
    expect(() => parse(header, dataSize)).toThrow(FormatError);
    expect(() => parse(header, dataSize)).toThrow(message);
    expect(() => parse(header, dataSize)).toThrow(/^safetensors: m\.safetensors at byte \d+: /);
  });

  it("refuses text that is not UTF-8", () => {
    expect(() => parseHeader(Uint8Array.of(0x7b, 0xff, 0x7d), "m", 0)).toThrow("must be JSON in UTF-8");
  });

  it("takes a name that looks like a key, a brace or a prototype", () => {
    const names = ["__proto__", "constructor", "dtype", '{"a":', "}", "a\\"];
    const header = `{${names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(entry(4 * i, 4 * i + 4))}`)}}`;
    expect(parse(header, 4 * names.length).map(({ name }) => name)).toEqual(names);
  });
});

describe("parseHeaderLength", () => {
  const length = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);

  it("refuses a file below 8 bytes, a header beyond the file, and one above 100 MB", () => {
    expect(parseHeaderLength(length(10n), "m", 18)).toBe(10);
    expect(() => parseHeaderLength(length(11n), "m", 18)).toThrow("must end inside the file of 18 bytes");
    expect(() => parseHeaderLength(length(100_000_001n), "m", 2 ** 40)).toThrow("at most 100000000 bytes");
    expect(() => parseHeaderLength(length(2n ** 64n - 1n), "m", 2 ** 40)).toThrow(FormatError);
    expect(() => parseHeaderLength(new Uint8Array(7), "m", 7)).toThrow("at least 8 bytes, got 7");
  });
});

describe("a damaged file", () => {
  /** Two tensors, 8 + 160 + 24 bytes. */
  const header = JSON.stringify({ first: entry(0, 16), second: entry(16, 24) }).padEnd(160);
  const whole = Buffer.concat([Buffer.from(BigUint64Array.of(160n).buffer), Buffer.from(header), Buffer.alloc(24, 1)]);
  const read = async (bytes: Uint8Array) => {
    const shapes = [];
    for await (const { name, shape } of readSafetensors(bytes)) shapes.push([name, shape]);
    return shapes;
  };

  it("is a FormatError wherever it is cut off", async () => {
    expect(await read(whole)).toEqual([
      ["first", [4]],
      ["second", [2]],
    ]);
    for (let length = 0; length < whole.length; length++)
      await expect(read(whole.subarray(0, length))).rejects.toThrow(FormatError);
  });

  it("is read or a FormatError, and nothing else, whatever bytes are changed", async () => {
    const change = fc.record({ at: fc.nat({ max: whole.length - 1 }), byte: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, byte } of changes) bytes[at] = byte;
        try {
          await read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});
