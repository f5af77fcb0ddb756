import type * as promises from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

type FileSystem = typeof promises;

let log: string[] = [];
let failing: { readonly first: number; readonly last: number; readonly code: string } | undefined;

/** Counts an operation; true when the system is to refuse it. */
function refuses(operation: string): boolean {
  log.push(operation);
  return failing !== undefined && log.length >= failing.first && log.length <= failing.last;
}

const refusal = (operation: string) =>
  Object.assign(new Error(`${failing?.code}: injected, ${operation}`), { code: failing?.code, syscall: operation });

/** Makes chosen file operations fail: `vi.mock("node:fs/promises", async (real) => (await import("./faults.js")).faults.wrap(await real()))`. */
export const faults = {
  /** From now on the system works; counting starts again. */
  none(): void {
    failing = undefined;
    log = [];
  },
  /** The operation of that number (from 1, counted from now) fails; one that writes has written half by then. */
  at(number: number, code: string): void {
    failing = { first: number, last: number, code };
    log = [];
  },
  /** Every operation from that number on fails. */
  from(number: number, code: string): void {
    failing = { first: number, last: Number.POSITIVE_INFINITY, code };
    log = [];
  },
  /** The operations since the counting began. */
  steps: (): readonly string[] => log,

  wrap(real: FileSystem): FileSystem {
    const guarded =
      <A extends unknown[], R>(
        name: string,
        run: (...args: A) => Promise<R>,
        half?: (...args: A) => Promise<unknown>,
      ) =>
      async (...args: A): Promise<R> => {
        if (!refuses(name)) return run(...args);
        await half?.(...args);
        throw refusal(name);
      };
    const handle = (of: FileHandle): FileHandle =>
      new Proxy(of, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key);
          if (key === "write")
            return guarded(
              "write",
              (bytes: Buffer, from: number, length: number, at: number) => target.write(bytes, from, length, at),
              (bytes: Buffer, from: number, length: number, at: number) => target.write(bytes, from, length >> 1, at),
            );
          if (key === "sync" || key === "datasync" || key === "truncate")
            return guarded(key, (length?: number) => (key === "truncate" ? target.truncate(length) : target[key]()));
          return typeof member === "function" ? member.bind(target) : member;
        },
      });
    return {
      ...real,
      open: guarded("open", async (...args: Parameters<FileSystem["open"]>) => handle(await real.open(...args))),
      mkdir: guarded("mkdir", real.mkdir) as FileSystem["mkdir"],
      readdir: guarded("readdir", real.readdir) as FileSystem["readdir"],
      rename: guarded("rename", real.rename),
      writeFile: guarded("writeFile", real.writeFile, (path, data, options) =>
        real.writeFile(path, String(data).slice(0, String(data).length >> 1), options),
      ),
    };
  },
};
