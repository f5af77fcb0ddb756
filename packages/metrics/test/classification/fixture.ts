import { expect } from "vitest";
import { expectClose } from "../expect-close.js";
import fixtures from "../fixtures/classification.json" with { type: "json" };

type Undefinable = number | null;

export const { binary, several, predicted } = fixtures;

/** What the fixture calls null is undefined to scikit-learn: NaN. */
export function expectParity(actual: number | Float64Array, expected: Undefinable | readonly Undefinable[]): void {
  const found = typeof actual === "number" ? [actual] : Array.from(actual);
  const wanted = Array.isArray(expected) ? expected : [expected];
  expect(found.map(Number.isNaN)).toEqual(wanted.map((value) => value === null));
  expectClose(
    found.filter((value) => !Number.isNaN(value)),
    wanted.filter((value) => value !== null),
    { atol: 1e-12 },
  );
}

/** The option, unless the fixture has none. */
export function weightsOf(sampleWeight: readonly number[] | null): { sampleWeight?: readonly number[] } {
  return sampleWeight === null ? {} : { sampleWeight };
}
