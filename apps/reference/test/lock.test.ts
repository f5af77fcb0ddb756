import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { StateError } from "@x/core";
import { describe, expect, it } from "vitest";
import { takeLock } from "../src/lock.js";
import { temporaryFolder } from "./tiny.js";

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
  });

  it("takes over what a full disk left of a lock", () => {
    for (const left of ["", "x", "-1"]) {
      writeFileSync(at("lock"), left);
      takeLock(at());
      expect(readFileSync(at("lock"), "utf8")).toBe(`${process.pid}`);
    }
  });
});
