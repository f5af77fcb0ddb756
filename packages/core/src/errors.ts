const marker = Symbol.for("@x/core.error");
const isMarked = (error: unknown): error is { readonly name: unknown } =>
  typeof error === "object" && error !== null && marker in error;

/** Values of `code`, one for each error class. */
export type ErrorCode =
  | "E_SHAPE"
  | "E_VALUE"
  | "E_CONFIG"
  | "E_STATE"
  | "E_ABORTED"
  | "E_BACKEND"
  | "E_FORMAT"
  | "E_STORAGE"
  | "E_TRACE";

/** The base of every error that the packages throw on purpose. */
export class XError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    // E_SHAPE is thrown by ShapeError, and so on; a class's own name would not outlive a minifier.
    this.name = `${code[2]}${code.slice(3).toLowerCase()}Error`;
    Object.defineProperty(this, marker, { value: true });
  }

  /**
   * Whether `error` is of this class, thrown by any installed copy of the packages (`instanceof` knows only one copy).
   *
   * `XError.isInstance` accepts every error of the family, `ShapeError.isInstance` only a `ShapeError`, and so on.
   */
  static isInstance<E extends XError>(this: abstract new (...args: never[]) => E, error: unknown): error is E {
    if (!isMarked(error)) return false;
    // biome-ignore lint/complexity/noThisInStatic: the class that the method is called on, not the one that declares it
    return this.prototype === XError.prototype || error instanceof this || error.name === this.name;
  }
}

/** A tensor or array of another shape than the function needs. `code` is `E_SHAPE`. */
export class ShapeError extends XError {
  constructor(message: string) {
    super("E_SHAPE", message);
  }
}

/** A number outside its domain, NaN, or an empty list. `code` is `E_VALUE`. */
export class ValueError extends XError {
  /** The name of the argument that broke the rule. */
  readonly argument: string;
  /** The position inside the argument, when it is a list. */
  readonly index: number | undefined;
  /** The offending value. */
  readonly value: unknown;

  constructor(
    message: string,
    details: { readonly argument: string; readonly index?: number; readonly value: unknown },
  ) {
    super("E_VALUE", message);
    this.argument = details.argument;
    this.index = details.index;
    this.value = details.value;
  }
}

/** Options that contradict each other. `code` is `E_CONFIG`. */
export class ConfigError extends XError {
  constructor(message: string) {
    super("E_CONFIG", message);
  }
}

/** Saved state of another version, package or shape. `code` is `E_STATE`. */
export class StateError extends XError {
  constructor(message: string) {
    super("E_STATE", message);
  }
}

/** An `AbortSignal` fired; `cause` is its reason. `code` is `E_ABORTED`. */
export class AbortedError extends XError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("E_ABORTED", message, options);
  }
}

/** A tensor backend that is missing or of another shape. `code` is `E_BACKEND`. */
export class BackendError extends XError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("E_BACKEND", message, options);
  }
}

/** A malformed file; the message names the file and the offset, line or key. `code` is `E_FORMAT`. */
export class FormatError extends XError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("E_FORMAT", message, options);
  }
}
