import { expect } from "vitest";

const reached = new Set<number>();

/** The lines whose claims were checked since the last call. */
export function takeReached(): number[] {
  const lines = [...reached].sort((a, b) => a - b);
  reached.clear();
  return lines;
}

/** Asserts that a page's expression has the value that the page shows behind it. */
export function $shown(line: number, actual: unknown, expected: unknown): void {
  reached.add(line);
  expect(plain(actual), `line ${line}`).toEqual(expected);
}

/** A number that is equal to what is written, rounded to the digits written there. */
export function $digits(written: string): unknown {
  const number = written.replaceAll("_", "");
  const [, decimals = "", exponent = "0"] = /^[-+]?\d*\.?(\d*)(?:e([-+]?\d+))?$/i.exec(number) ?? [];
  return expect.closeTo(Number(number), decimals.length - Number(exponent));
}

/** Tensors and typed arrays as the arrays that a page shows them as. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("arraySync" in value && typeof value.arraySync === "function") return value.arraySync();
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return [...(value as Iterable<unknown> & ArrayBufferView)];
  if (Array.isArray(value)) return value.map(plain);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}
