import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "@x/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activate, importBackend } from "../src/backends.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backends-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a CommonJS package and gives the view of the project that has it. */
function install(path: string, version: string, source = ""): NodeJS.Require {
  const file = join(folder, "node_modules", path, "index.js");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  writeFileSync(join(dirname(file), "package.json"), JSON.stringify({ name: path, version, main: "index.js" }));
  return createRequire(join(folder, "index.js"));
}

describe("importBackend", () => {
  it("loads the package and tells its version", async () => {
    const project = install("a-backend", "1.2.3", "globalThis.aBackendIsLoaded = true;");
    expect(await importBackend("a-backend", project)).toBe("1.2.3");
    expect(globalThis).toHaveProperty("aBackendIsLoaded", true);
  });

  it("refuses a package that is not there", async () => {
    const failure = importBackend("no-backend", createRequire(join(folder, "index.js")));
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow(/^no-backend is not installed$/);
  });

  it("refuses a package made for another tfjs-core, naming both versions and paths", async () => {
    install("old-backend/node_modules/@tensorflow/tfjs-core", "4.1.0");
    const project = install("old-backend", "4.1.0", "throw new Error('must not be loaded')");
    const failure = importBackend("old-backend", project);
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow(/tfjs-core 4\.1\.0 \(.*old-backend.*\)/);
    await expect(failure).rejects.toThrow(new RegExp(`tfjs-core ${tf.version_core.replaceAll(".", "\\.")} .*\\(.+\\)`));
  });

  it("says in one line why a package does not load", async () => {
    const project = install("broken-backend", "1.0.0", "throw new Error('no addon\\nsecond line')");
    await expect(importBackend("broken-backend", project)).rejects.toThrow(/^broken-backend does not load: no addon$/);
  });

  it("keeps tfjs quiet while loading, and only then", async () => {
    const project = install(
      "curious-backend",
      "1.0.0",
      "globalThis.wasQuiet = globalThis._tfengine.ENV.getBool('IS_TEST')",
    );
    await importBackend("curious-backend", project);
    expect(globalThis).toHaveProperty("wasQuiet", true);
    expect(tf.env().getBool("IS_TEST")).toBe(false);
  });
});

describe("activate", () => {
  it("refuses an engine that does not start", async () => {
    tf.registerBackend("stillborn", () => {
      throw new Error("no");
    });
    await expect(activate("stillborn")).rejects.toThrow(BackendError);
    tf.removeBackend("stillborn");
  });
});
