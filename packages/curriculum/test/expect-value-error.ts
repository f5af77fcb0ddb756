import { ValueError } from "@x/core";
import { expect } from "vitest";

/** Asserts that `call` throws a ValueError of this argument, index and value. */
export function expectValueError(
  call: () => unknown,
  details: { argument: string; index?: number; value?: unknown; message?: string | RegExp },
): void {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ValueError);
  const { message, ...fields } = details;
  expect(error).toMatchObject(fields);
  if (message !== undefined) expect((error as ValueError).message).toMatch(message);
}
