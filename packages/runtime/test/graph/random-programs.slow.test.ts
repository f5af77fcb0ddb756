import "@x/core/gradients";
import { beforeAll, describe, expect, it } from "vitest";
import { createRuntime } from "../../src/index.js";
import { backends } from "../backends.js";
import { compareRandomPrograms } from "./compare-programs.js";
import { rough, smooth } from "./random-operations.js";
import { withJit } from "./with-jit.js";

describe.runIf(backends.includes("native"))("jit of random programs", () => {
  beforeAll(async () => {
    await createRuntime({ backend: "native" });
  });

  it("equals eager in 1,000 programs as graphs, by every operation", () => {
    const ran = withJit("graph", () => compareRandomPrograms("graph", 1000, 11));
    expect(ran).toEqual(new Set([...Object.keys(smooth), ...Object.keys(rough)]));
  });

  it("equals eager in 100 programs through XLA", () => {
    withJit("xla", () => compareRandomPrograms("xla", 100, 12));
  });
});
