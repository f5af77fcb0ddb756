import { XError } from "./errors.js";

/**
 * The system refused a file operation: a full disk, a read-only or vanished directory, a missing permission.
 * `cause` is the system's own error; `code` is `E_STORAGE`.
 */
export class StorageError extends XError {
  /** The file or directory that was worked on. */
  readonly path: string;

  constructor(message: string, details: { readonly path: string; readonly cause: unknown }) {
    super("E_STORAGE", message, { cause: details.cause });
    this.path = details.path;
  }
}

/** Runs file operations for `caller`: an error of the system becomes a StorageError, every other error passes. */
export async function storing<T>(caller: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new StorageError(`${caller}: the system must let us use ${path}, got ${error.message}`, {
      path,
      cause: error,
    });
  }
}

/** Turns the system's errors of these codes into `undefined`: `await readFile(path).catch(unless("ENOENT"))`. */
export function unless(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!isSystemError(error) || !codes.includes(error.code ?? "")) throw error;
  };
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && "syscall" in error;
