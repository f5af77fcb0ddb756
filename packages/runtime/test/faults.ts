import type * as promises from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

type FileSystem = typeof promises;

let count = 0;
let failing: (operation: number) => boolean = () => false;
let code = "";

/** Makes chosen file operations fail: `vi.mock("node:fs/promises", async (real) => (await import("./faults.js")).faults.wrap(await real()))`. */
export const faults = {
  /** From now on operations count from 1, and those fail for which `fails` holds. A write that fails has written half. */
  start(fails: (operation: number) => boolean, errorCode: string): void {
    count = 0;
    failing = fails;
    code = errorCode;
  },
  /** From now on everything works; how many operations there were. */
  stop(): number {
    failing = () => false;
    return count;
  },
  wrap(real: FileSystem): FileSystem {
    const guarded =
      <A extends unknown[], R>(run: (...args: A) => Promise<R>, half?: (...args: A) => Promise<unknown>) =>
      async (...args: A): Promise<R> => {
        count++;
        if (!failing(count)) return run(...args);
        await half?.(...args);
        throw Object.assign(new Error(`${code}: injected`), { code, syscall: "injected" });
      };
    const handle = (of: FileHandle): FileHandle =>
      new Proxy(of, {
        get(target, key) {
          if (key === "sync") return guarded(() => target.sync());
          if (key === "write")
            return guarded(
              (bytes: Uint8Array, from: number, length: number) => target.write(bytes, from, length),
              (bytes: Uint8Array, from: number, length: number) => target.write(bytes, from, length >> 1),
            );
          const member: unknown = Reflect.get(target, key);
          return typeof member === "function" ? member.bind(target) : member;
        },
      });
    return {
      ...real,
      open: guarded(async (...args: Parameters<FileSystem["open"]>) => handle(await real.open(...args))),
      mkdir: guarded(real.mkdir) as FileSystem["mkdir"],
      readdir: guarded(real.readdir) as FileSystem["readdir"],
      rename: guarded(real.rename),
      rm: guarded(real.rm),
      writeFile: guarded(real.writeFile, (path, data, options) =>
        real.writeFile(path, String(data).slice(0, String(data).length >> 1), options),
      ),
    };
  },
};
