import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { StateError } from "@x/core";
import { describe, expect, it, vi } from "vitest";
import { takeLock } from "../src/lock.js";
import { temporaryFolder } from "./tiny.js";

/** What another process does right after the next file is read. */
const fault = vi.hoisted((): { afterRead?: (() => void) | undefined } => ({}));
vi.mock("node:fs", async (real) => {
  const fs = await real<typeof import("node:fs")>();
  const readFileSync = (path: string, encoding: "utf8") => {
    const text = fs.readFileSync(path, encoding);
    const { afterRead } = fault;
    fault.afterRead = undefined;
    afterRead?.();
    return text;
  };
  return { ...fs, readFileSync };
});

const at = temporaryFolder();

describe("takeLock", () => {
  it("names this process, and may be called again by it", () => {
    for (let again = 0; again < 2; again++) {
      takeLock(at());
      expect(readFileSync(at("lock"), "utf8")).toBe(`${process.pid}`);
    }
  });

  it("refuses a folder whose process runs, and takes it over when that is gone", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    writeFileSync(at("lock"), `${other.pid}`);
    expect(() => takeLock(at())).toThrow(StateError);
    expect(() => takeLock(at())).toThrow(`process ${other.pid} has it`);
    const gone = new Promise((resolve) => other.once("exit", resolve));
    other.kill("SIGKILL");
    await gone;
    takeLock(at());
    expect(readFileSync(at("lock"), "utf8")).toBe(`${process.pid}`);
    expect(readdirSync(at())).toEqual(["lock"]);
  });

  it("refuses a lock that is just being written", () => {
    writeFileSync(at("lock"), "");
    expect(() => takeLock(at())).toThrow(StateError);
    expect(readFileSync(at("lock"), "utf8")).toBe("");
  });

  it("leaves the lock to a process that takes over the same stale one a moment earlier", () => {
    writeFileSync(at("lock"), "999999999");
    fault.afterRead = () => writeFileSync(at("lock"), `${process.ppid}`);
    expect(() => takeLock(at())).toThrow(StateError);
    expect(readdirSync(at())).toEqual(["lock"]);
    expect(readFileSync(at("lock"), "utf8")).toBe(`${process.ppid}`);
  });

  it("removes a lock at the end of the process only while it names this one", async () => {
    vi.resetModules();
    const once = vi.spyOn(process, "once").mockReturnThis();
    const fresh = await import("../src/lock.js");
    for (const name of ["mine", "theirs"]) {
      mkdirSync(at(name));
      fresh.takeLock(at(name));
    }
    const [event, atExit] = once.mock.lastCall!;
    once.mockRestore();
    expect(event).toBe("exit");
    writeFileSync(at("theirs", "lock"), `${process.ppid}`);
    atExit();
    expect([readdirSync(at("mine")), readdirSync(at("theirs"))]).toEqual([[], ["lock"]]);
  });

  it("takes over what a crash left of a lock", () => {
    for (const left of ["", "x", "-1"]) {
      writeFileSync(at("lock"), left);
      utimesSync(at("lock"), 1, 1);
      takeLock(at());
      expect(readFileSync(at("lock"), "utf8")).toBe(`${process.pid}`);
    }
  });
});
