import { StateError } from "./errors.js";

/** Anything that survives `JSON.stringify` unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Reads saved state back, refusing another version.
 *
 * @param value - what `JSON.parse` gave; an object with a number `version`.
 * @param version - the version that the caller can read.
 * @throws StateError when `value` is no object or its `version` differs.
 */
export function parseState<S extends Json>(value: unknown, version: number): S {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new StateError(`parseState: state must be an object with version ${version}, got ${describe(value)}`);
  const found = (value as { version?: unknown }).version;
  if (found !== version) throw new StateError(`parseState: state must have version ${version}, got ${describe(found)}`);
  return value as S;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  return value === undefined ? "none" : (JSON.stringify(value)?.slice(0, 60) ?? typeof value);
}
