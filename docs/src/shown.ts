const reached = new Set<number>();

/** The lines whose claims were checked since the last call. */
export function takeReached(): number[] {
  const lines = [...reached].sort((a, b) => a - b);
  reached.clear();
  return lines;
}

/**
 * Asserts that a page's expression has the value that the page shows behind it.
 *
 * @throws Error, naming the line, when it has another.
 */
export function $shown(line: number, actual: unknown, expected: unknown): void {
  reached.add(line);
  const found = plain(actual);
  if (!same(found, expected))
    throw new Error(`line ${line} shows ${JSON.stringify(expected)}, got ${JSON.stringify(found)}`);
}

/** A number as a page writes it: all that round to these digits are meant. */
class Digits {
  readonly written: number;
  readonly half: number;

  constructor(digits: string) {
    const number = digits.replaceAll("_", "");
    const [, decimals = "", exponent = "0"] = /^[-+]?\d*\.?(\d*)(?:e([-+]?\d+))?$/i.exec(number) ?? [];
    this.written = Number(number);
    this.half = 0.5 * 10 ** (Number(exponent) - decimals.length);
  }

  toJSON(): number {
    return this.written;
  }
}

/** A number that is equal to what is written, rounded to the digits written there. */
export const $digits = (written: string): unknown => new Digits(written);

/** Tensors and typed arrays as the arrays that a page shows them as. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("arraySync" in value && typeof value.arraySync === "function") return value.arraySync();
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return [...(value as Iterable<unknown> & ArrayBufferView)];
  if (Array.isArray(value)) return value.map(plain);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}

function same(actual: unknown, expected: unknown): boolean {
  if (expected instanceof Digits)
    return typeof actual === "number" && Math.abs(actual - expected.written) < expected.half;
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null)
    return Object.is(actual, expected);
  if (Array.isArray(actual) !== Array.isArray(expected)) return false;
  const [left, right] = [Object.entries(actual), new Map(Object.entries(expected))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key)));
}
