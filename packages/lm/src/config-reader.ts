import { ConfigError, FormatError } from "@x/core";

/** Reads a `config.json` key by key; what nobody asked for in the end is unknown. */
export interface ConfigReader {
  /** A number; without `fallback` it must be there. `null` counts as absent, here and below. */
  number(key: string, fallback?: number): number;
  boolean(key: string, fallback: boolean): boolean;
  string(key: string, fallback: string): string;
  /** The value of `values` that the key maps to. */
  choice<T>(key: string, fallback: string, values: Readonly<Record<string, T>>): T;
  /** Any value. */
  any(key: string): unknown;
  /** A nested object, or undefined when there is none. */
  section(key: string): ConfigReader | undefined;
  /** Refuses a value that is there and is not `value`: another one would be other maths, which is not implemented. */
  must(key: string, value: unknown): void;
  /** Keys that do not change the function. */
  ignore(...keys: readonly string[]): void;
  /** Refuses the keys that are left. */
  finish(): void;
}

/**
 * A reader of a parsed JSON object.
 *
 * Its methods throw FormatError for a missing key or a value of the wrong type, and ConfigError for a value or a key
 * that is not implemented; both name the key.
 *
 * @param caller - the function that messages name.
 * @param json - the parsed file.
 * @param path - what stands before the keys in messages.
 */
export function configReader(caller: string, json: unknown, path = ""): ConfigReader {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new FormatError(`${caller}: ${path || "the config"} must be an object, got ${JSON.stringify(json)}`);
  const left = new Map<string, unknown>(Object.entries(json));
  const take = (key: string): unknown => {
    const value = left.get(key);
    left.delete(key);
    return value ?? undefined;
  };
  const typed = <T>(key: string, type: "number" | "boolean" | "string", fallback: T | undefined): T => {
    const value = take(key) ?? fallback;
    if (typeof value !== type)
      throw new FormatError(`${caller}: ${path}${key} must be a ${type}, got ${JSON.stringify(value) ?? "none"}`);
    return value as T;
  };
  return {
    number: (key, fallback) => typed(key, "number", fallback),
    boolean: (key, fallback) => typed(key, "boolean", fallback),
    string: (key, fallback) => typed(key, "string", fallback),
    choice(key, fallback, values) {
      const value = typed<string>(key, "string", fallback);
      if (!Object.hasOwn(values, value))
        throw new ConfigError(
          `${caller}: ${path}${key} must be one of ${Object.keys(values).join(", ")}, got ${value}`,
        );
      return values[value]!;
    },
    any: take,
    section(key) {
      const value = take(key);
      return value === undefined ? undefined : configReader(caller, value, `${path}${key}.`);
    },
    must(key, wanted) {
      const value = take(key);
      if (value !== undefined && JSON.stringify(value) !== JSON.stringify(wanted))
        throw new ConfigError(
          `${caller}: ${path}${key} must be ${JSON.stringify(wanted)}, anything else is not implemented, got ${JSON.stringify(value)}`,
        );
    },
    ignore(...keys) {
      for (const key of keys) left.delete(key);
    },
    finish() {
      // A key without a value says nothing.
      const unknown = [...left.keys()].filter((key) => take(key) !== undefined).map((key) => path + key);
      if (unknown.length > 0)
        throw new ConfigError(
          `${caller}: every key must be known, as it may change the function, got the unknown ${unknown.join(", ")}`,
        );
    },
  };
}
