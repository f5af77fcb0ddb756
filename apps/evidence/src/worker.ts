import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
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

/** What a worker answers to `memory`, in bytes. */
export interface Memory {
  readonly peak: number;
  readonly resident: number;
}

/**
 * Starts a worker of ours (a file of `dist/workers`) or a peer (a file of `peers`), either with as many threads as there
 * are cores.
 *
 * @param environment - variables on top of those of this process.
 */
export function startWorker(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Worker {
  const [program, ...file] = script.endsWith(".py")
    ? [python(), join(here, "..", "peers", script)]
    : [process.execPath, "--expose-gc", join(here, "workers", script)];
  const cores = String(availableParallelism());
  const env = {
    ...process.env,
    ...{ OMP_NUM_THREADS: cores, TF_NUM_INTRAOP_THREADS: cores },
    ...environment,
  };
  const child: ChildProcess = spawn(program!, [...file, ...args], { stdio: ["pipe", "pipe", "inherit"], env });
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
