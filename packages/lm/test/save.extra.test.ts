import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tinyModel, tokensOf, variants } from "./models.js";

const venv = join(import.meta.dirname, "../../../.venv/bin/python");
const python = process.env.X_PYTHON ?? (existsSync(venv) ? venv : "python3");

describe("LanguageModel.save", () => {
  it("writes what from_pretrained of transformers loads, with the same logits, for every family", async () => {
    const base = mkdtempSync(join(tmpdir(), "x-saved-"));
    try {
      const tokens = [[1, 5, 3, 9, 2, 7, 10, 4]];
      const llama3 = { factor: 4, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 16 };
      const all = {
        ...variants,
        "llama3 scaling": { family: "llama", rope: { theta: 100, scaling: { type: "llama3", ...llama3 } } },
        "gpt2 with the exact GELU": { family: "gpt2", activation: "gelu-erf" },
        "olmo with wide heads": { family: "olmo", headDim: 6 },
        "qwen2 tied": { family: "qwen2", tie: true },
        "several ends of text": { family: "llama", eosIds: [3, 4], bosId: 1, padId: 0 },
      } as const;
      for (const [name, variant] of Object.entries(all)) {
        const model = tinyModel(variant);
        await model.save(join(base, name));
        writeFileSync(join(base, name, "tokens.json"), JSON.stringify(tokens));
        writeFileSync(join(base, name, "logits.json"), JSON.stringify(model.logits(tokensOf(tokens)).arraySync()));
        model.dispose();
      }
      const script = join(import.meta.dirname, "fixtures", "check_saved.py");
      const differences = JSON.parse(execFileSync(python, [script, base], { encoding: "utf8" }));
      expect(Object.keys(differences).sort()).toEqual(Object.keys(all).sort());
      for (const [name, difference] of Object.entries(differences)) expect(difference, name).toBeLessThan(2e-4);
    } finally {
      rmSync(base, { recursive: true });
    }
  });
});
