import type * as promises from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

type FileSystem = typeof promises;

let full: ((path: string) => boolean) | undefined;

/**
 * A disk that is full below some paths: `vi.mock("node:fs/promises", async (real) => fullDisk.wrap(await real()))`.
 * What is written there comes to half before the system refuses.
 */
export const fullDisk = {
  at(which: (path: string) => boolean): void {
    full = which;
  },
  emptied(): void {
    full = undefined;
  },
  wrap(real: FileSystem): FileSystem {
    const refuse = () =>
      Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
    const handle = (of: FileHandle, path: string): FileHandle =>
      new Proxy(of, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key);
          if (key === "write" && full?.(path))
            return async (bytes: Uint8Array, from: number, length: number, at?: number) => {
              await target.write(bytes, from, length >> 1, at);
              throw refuse();
            };
          return typeof member === "function" ? member.bind(target) : member;
        },
      });
    return {
      ...real,
      open: async (...args) => handle(await real.open(...args), String(args[0])),
      writeFile: async (path, data, options) => {
        if (!full?.(String(path))) return real.writeFile(path, data, options);
        await real.writeFile(path, String(data).slice(0, String(data).length >> 1), options);
        throw refuse();
      },
    };
  },
};
