import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { dataTypes, type GraphFunction } from "../../src/graph/graph-def.js";
import { idOf } from "../../src/graph/record.js";
import { createRuntime } from "../../src/index.js";
import type { TensorFlowBackend } from "../../src/tensorflow-binding.js";
import { backends } from "../backends.js";

const { float32 } = dataTypes;
const negative: GraphFunction = {
  name: "body",
  arguments: [{ name: "a0", type: float32 }],
  results: [{ name: "r0", type: float32, from: "n0:y:0" }],
  nodes: [{ name: "n0", op: "Neg", inputs: ["a0"], attributes: { T: { kind: "type", value: float32 } } }],
  functions: [],
  attributes: {},
};

describe.runIf(backends.includes("native"))("loadProgram", () => {
  const outside = process.env.TMPDIR;
  let folder: string;
  let native: TensorFlowBackend & { readonly binding: { getNumOfSavedModels(): number } };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "program-test-"));
    await createRuntime({ backend: "native" });
    native = tf.backend() as typeof native;
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    process.env.TMPDIR = folder;
  });
  afterEach(() => {
    if (outside === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = outside;
  });
  /** As a process that has loaded nothing yet. */
  const fresh = async () => {
    vi.resetModules();
    return (await import("../../src/graph/program.js")).loadProgram;
  };

  it.each(["graph", "xla"] as const)("runs a function as %s, and unloads it", async (kind) => {
    const loadProgram = await fresh();
    const models = native.binding.getNumOfSavedModels();
    const program = loadProgram(native, negative, kind);
    expect(native.binding.getNumOfSavedModels()).toBe(models + 1);
    expect(program.operations).toBe(1);
    tf.tidy(() => {
      const [result] = program.run([idOf(native, tf.tensor1d([1, -2]))]);
      expect([...native.createOutputTensor(result!).dataSync()]).toEqual([-1, 2]);
    });
    program.unload();
    expect(native.binding.getNumOfSavedModels()).toBe(models);
  });

  it("runs nothing where there are no results", async () => {
    const program = (await fresh())(native, { ...negative, results: [] }, "graph");
    expect(program.run([])).toEqual([]);
    program.unload();
  });

  it("leaves no directory behind, also when TensorFlow refuses the graph", async () => {
    const loadProgram = await fresh();
    const models = native.binding.getNumOfSavedModels();
    loadProgram(native, negative, "graph").unload();
    const wrong = { ...negative, nodes: [{ ...negative.nodes[0]!, op: "NoSuchOp" }] };
    expect(() => loadProgram(native, wrong, "graph")).toThrow(/NoSuchOp/);
    expect(native.binding.getNumOfSavedModels()).toBe(models);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("removes what a killed process has left, once, and nothing else", async () => {
    const script = `
      const { mkdtempSync, writeFileSync } = require("node:fs");
      const directory = mkdtempSync(process.env.TMPDIR + "/x-jit-" + process.pid + "-");
      writeFileSync(directory + "/saved_model.pb", "half");
      console.log("ready");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const alive = `x-jit-${process.pid}-abc`;
    for (const name of [alive, "x-jit-notes", "other"]) mkdirSync(join(folder, name));
    (await fresh())(native, negative, "graph").unload();
    expect(readdirSync(folder)).toHaveLength(4); // it lives
    child.kill("SIGKILL");
    await once(child, "exit");
    const loadProgram = await fresh();
    loadProgram(native, negative, "graph").unload();
    expect(readdirSync(folder).sort()).toEqual(["other", alive, "x-jit-notes"].sort());
    mkdirSync(join(folder, `x-jit-${child.pid}-late`));
    loadProgram(native, negative, "graph").unload();
    expect(readdirSync(folder)).toContain(`x-jit-${child.pid}-late`);
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  });

  it("says so when there is no folder for temporary files", async () => {
    const loadProgram = await fresh();
    const file = join(folder, "file");
    writeFileSync(file, "");
    process.env.TMPDIR = file;
    expect(() => loadProgram(native, negative, "graph")).toThrow(/ENOTDIR/);
    rmSync(file);
  });
});
