import { StorageError } from "@x/core/journal";

/** Runs file operations for `caller`: an error of the system becomes a StorageError, every other error passes. */
export async function storing<T>(caller: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new StorageError(`${caller}: the system must let us use ${path}, got ${error.message}`, {
      path,
      cause: error,
    });
  }
}

/** For `.catch`: a file that is not there is `undefined`. */
export function absent(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
