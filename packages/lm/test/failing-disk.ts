import type * as promises from "node:fs/promises";

type FileSystem = typeof promises;

let [count, fatal] = [0, Infinity];

/**
 * A disk that is full at one operation: `vi.mock("node:fs/promises", async (real) => failingDisk.wrap(await real()))`.
 * A write that fails has written half.
 */
export const failingDisk = {
  /** From now on operations count from 1, and the one of that number fails. */
  at(operation: number): void {
    [count, fatal] = [0, operation];
  },
  /** From now on everything works; how many operations there were. */
  mended(): number {
    fatal = Infinity;
    return count;
  },
  wrap(real: FileSystem): FileSystem {
    const guarded =
      <A extends unknown[], R>(run: (...args: A) => Promise<R>, half?: (...args: A) => Promise<unknown>) =>
      async (...args: A): Promise<R> => {
        if (++count !== fatal) return run(...args);
        await half?.(...args);
        throw Object.assign(new Error("ENOSPC: injected"), { code: "ENOSPC", syscall: "injected" });
      };
    const handle = (of: promises.FileHandle): promises.FileHandle =>
      new Proxy(of, {
        get(target, key) {
          const write = (bytes: Uint8Array, from: number, length: number) => target.write(bytes, from, length);
          if (key === "sync") return guarded(() => target.sync());
          if (key === "write") return guarded(write, (bytes, from, length) => write(bytes, from, length >> 1));
          const member: unknown = Reflect.get(target, key);
          return typeof member === "function" ? member.bind(target) : member;
        },
      });
    return {
      ...real,
      open: guarded(async (...args: Parameters<FileSystem["open"]>) => handle(await real.open(...args))),
      mkdir: guarded(real.mkdir) as FileSystem["mkdir"],
      rename: guarded(real.rename),
      writeFile: guarded(real.writeFile, (path, data, options) =>
        real.writeFile(path, String(data).slice(0, String(data).length >> 1), options),
      ),
    };
  },
};
