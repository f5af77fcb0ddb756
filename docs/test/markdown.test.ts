import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writePages } from "../src/pages.js";
import { takeReached } from "../src/shown.js";

const home = process.cwd();
const backend = process.env.X_BACKEND;
let folder: string;
let restored: string;

// Each page runs in a folder of its own, on the backend of the test run unless it asks for another.
beforeEach(() => {
  restored = tf.getBackend();
  process.env.X_BACKEND = backend ?? "wasm";
  folder = mkdtempSync(join(tmpdir(), "page-"));
  process.chdir(folder);
  takeReached();
});
afterEach(async () => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
  await tf.setBackend(restored);
});

describe("the examples of", () => {
  it.each(writePages())("$name give the values shown", async ({ module, claims }) => {
    await import(pathToFileURL(module).href);
    expect(takeReached()).toEqual(claims);
  });
});
