import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StateError } from "@x/core";

/** The lock files of this process. */
const held = new Set<string>();

/**
 * Takes a folder for this process until it ends: the file `lock` there names it. What a killed process left is taken over.
 *
 * @throws StateError when the process that has it still runs, or another one takes it at the same moment.
 */
export function takeLock(directory: string): void {
  const path = join(directory, "lock");
  if (!create(path)) {
    const left = readFileSync(path, "utf8");
    const holder = Number(left);
    const taken = isRunning(holder) || (left === "" && isBeingWritten(path));
    if (holder !== process.pid && (taken || !remove(path, left) || !create(path)))
      throw new StateError(
        `takeLock: ${directory} must be free, process ${holder || "unknown"} has it (if that is another program, delete ${path})`,
      );
  }
  if (held.size === 0) process.once("exit", releaseAll);
  held.add(path);
}

/** Makes the lock unless there is one; of several processes one succeeds. */
function create(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    rmSync(path, { force: true }); // half written
    throw error;
  }
}

/** Removes the lock that was read; one that another process has put in its place meanwhile goes back. */
function remove(path: string, left: string): boolean {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
  const same = readFileSync(aside, "utf8") === left;
  if (same) rmSync(aside);
  else renameSync(aside, path);
  return same;
}

/** Between the making of a lock and the number in it lies a moment. */
const isBeingWritten = (path: string): boolean => Date.now() - statSync(path).mtimeMs < 1000;

/** Removes the locks that still name this process. */
function releaseAll(): void {
  for (const path of held) {
    try {
      if (readFileSync(path, "utf8") === String(process.pid)) rmSync(path);
    } catch {} // it is gone, with its folder perhaps
  }
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false; // a crash leaves an empty file
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
