import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { trainBpe } from "../src/bpe.js";
import { saveTokenizer } from "../src/tokenizer.js";
import { fixture } from "./tokenizer-fixture.js";

const venv = join(import.meta.dirname, "../../../.venv/bin/python");
const python = process.env.X_PYTHON ?? (existsSync(venv) ? venv : "python3");

const program = `
import json, sys
from tokenizers import Tokenizer
from transformers import AutoTokenizer
folder, texts = sys.argv[1], json.loads(sys.argv[2])
rust, auto = Tokenizer.from_file(folder + "/tokenizer.json"), AutoTokenizer.from_pretrained(folder)
ids = [rust.encode(t).ids for t in texts]
assert ids == [auto(t)["input_ids"] for t in texts]
print(json.dumps({"ids": ids, "texts": [rust.decode(i, skip_special_tokens=False) for i in ids], "eos": auto.eos_token_id}))
`;

describe("trainBpe", () => {
  it("writes files that the Rust library and transformers load and encode with identically", async () => {
    const folder = mkdtempSync(join(tmpdir(), "x-bpe-"));
    try {
      const tokenizer = trainBpe(fixture.trained[0]!.texts, {
        vocabSize: 450,
        special: { pad: "<pad>", eos: "<|end|>" },
      });
      await saveTokenizer(tokenizer, folder);
      const texts = fixture.kinds.byteLevel!.cases.map((c) => c.text);
      const answer = JSON.parse(
        execFileSync(python, ["-c", program, folder, JSON.stringify(texts)], { encoding: "utf8" }),
      );
      expect(answer.ids).toEqual(texts.map((text) => [...tokenizer.encode(text)]));
      expect(answer.texts).toEqual(texts);
      expect(answer.eos).toBe(tokenizer.special.eos);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
