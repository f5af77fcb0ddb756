import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startWorker } from "../src/worker.js";

const peers = join(import.meta.dirname, "..", "peers");
const venv = join(import.meta.dirname, "..", "..", "..", ".venv", "bin", "python");
const python = process.env.X_PYTHON ?? (existsSync(venv) ? venv : "python3");
const size = ["16", "2", "2", "24", "3", "32"]; // width layers heads length batch vocabulary

describe("gpt2.py", () => {
  it("gives the same states token by token with caches as in one pass", () => {
    const script = `
import torch
from gpt2 import Gpt2
torch.manual_seed(0)
model = Gpt2(16, 2, 2, 24, 32)
tokens = torch.randint(0, 32, (3, 24))
with torch.inference_mode():
    caches = model.open_caches(3, 24)
    parts = [model.hidden(tokens[:, :10], caches)]
    parts += [model.hidden(tokens[:, i : i + 1], caches, i) for i in range(10, 24)]
    print((torch.cat(parts, 1) - model.hidden(tokens)).abs().max().item())`;
    const { stdout, status } = spawnSync(python, ["-c", script], { cwd: peers, encoding: "utf8" });
    expect(status).toBe(0);
    expect(Number(stdout)).toBeLessThan(1e-5);
  });
});

describe("train_step.py", () => {
  it("starts at the log of the vocabulary and learns, compiled to the same loss", async () => {
    const after = async (args: readonly string[]) => {
      const worker = startWorker("train_step.py", args);
      const { loss } = await worker.ask<{ loss: number }>("steps 1");
      const end = await worker.ask<{ loss: number; ms: number[] }>("steps 20");
      const { peak, resident } = await worker.ask<{ peak: number; resident: number }>("memory");
      worker.close();
      expect(end.ms).toHaveLength(20);
      expect(peak).toBeGreaterThanOrEqual(resident);
      return [loss, end.loss] as const;
    };
    const [start, end] = await after(size);
    expect(Math.abs(start - Math.log(32))).toBeLessThan(0.05);
    expect(end).toBeLessThan(start - 0.1);
    const compiled = await after([...size, "compile"]);
    expect(compiled[0]).toBeCloseTo(start, 5);
    expect(compiled[1]).toBeCloseTo(end, 4);
  });
});

describe("decode.py", () => {
  it.each(["loop", "generate"])("%s draws as many tokens as asked for, for every row", async (mode) => {
    const worker = startWorker("decode.py", [mode, ...size, "4", "10"]);
    const { ms, tokens, logprob } = await worker.ask<{ ms: number[]; tokens: number; logprob: number | null }>(
      "decode 2",
    );
    worker.close();
    expect(ms).toHaveLength(2);
    expect(tokens).toBe(30);
    if (mode === "loop") expect(Math.abs(logprob! + Math.log(32))).toBeLessThan(0.1);
  });
});
