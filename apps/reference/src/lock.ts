import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StateError } from "@x/core";

/** The lock files of this process. */
const held = new Set<string>();

/**
 * Takes a folder for this process until it ends: the file `lock` there names it. What a killed process left is taken over.
 *
 * @throws StateError when the process that has it still runs.
 */
export function takeLock(directory: string): void {
  const path = join(directory, "lock");
  const holder = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  if (holder !== process.pid && isRunning(holder))
    throw new StateError(
      `takeLock: ${directory} must be free, process ${holder} has it (if that is another program, delete ${path})`,
    );
  rmSync(path, { force: true });
  writeFileSync(path, String(process.pid), { flag: "wx" });
  if (held.size === 0) process.once("exit", releaseAll);
  held.add(path);
}

function releaseAll(): void {
  for (const path of held) rmSync(path, { force: true });
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false; // a full disk leaves an empty file
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
