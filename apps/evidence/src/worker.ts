import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const here = import.meta.dirname; // dist
const root = join(here, "..", "..", "..");

/** The Python of the peers: X_PYTHON, else .venv, else python3. */
function python(): string {
  const venv = join(root, ".venv", "bin", "python");
  return process.env.X_PYTHON ?? (existsSync(venv) ? venv : "python3");
}

/** A process that answers one JSON line for each line that it is sent. */
export interface Worker {
  /** @throws Error when the process cannot be started or ends before it answers. */
  ask<T>(command: string): Promise<T>;
  close(): void;
}

/** Starts a worker of ours (a file of `dist/workers`) or a peer (a file of `peers`). */
export function startWorker(script: string, args: readonly string[]): Worker {
  const [program, file] = script.endsWith(".py")
    ? [python(), join(here, "..", "peers", script)]
    : [process.execPath, join(here, "workers", script)];
  const child: ChildProcess = spawn(program, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(new Error(`${program} cannot be started; run npm run peers`, { cause })));
    child.once("exit", (code) =>
      reject(new Error(`${script} ended with ${code}${script.endsWith(".py") ? "; run npm run peers" : ""}`)),
    );
  });
  failed.catch(() => undefined);
  child.stdin!.on("error", () => undefined); // a process that is gone: `failed` says so
  return {
    async ask<T>(command: string): Promise<T> {
      child.stdin!.write(`${command}\n`);
      const { value, done } = await Promise.race([lines.next(), failed]);
      return done ? failed : (JSON.parse(value as string) as T);
    },
    close: () => void child.stdin!.end(),
  };
}
