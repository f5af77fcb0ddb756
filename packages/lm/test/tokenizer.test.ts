import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertFits, type FileTokenizer, loadTokenizer, saveTokenizer } from "../src/tokenizer.js";
import { fixture, kinds } from "./tokenizer-fixture.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "x-tokenizer-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(kinds)("loadTokenizer of the %s kind", (kind) => {
  const { tokenizer: json, config, cases } = fixture.kinds[kind]!;
  let tokenizer: FileTokenizer;
  beforeAll(async () => {
    tokenizer = await loadTokenizer(json, config);
  });

  it.each(cases)("encodes $text as the Rust library does", ({ text, tokens, withSpecial }) => {
    expect([...tokenizer.encode(text)]).toEqual(tokens);
    expect([...tokenizer.encode(text, { addSpecial: true })]).toEqual(withSpecial);
  });

  // The library's byte fallback swallows a byte order mark.
  const decodable = cases.filter(({ text }) => kind !== "byteFallback" || !text.includes("\ufeff"));
  it.each(decodable)("decodes the tokens of $text as the Rust library does", ({ tokens, decoded }) => {
    expect(tokenizer.decode(tokens)).toBe(decoded);
    expect(tokenizer.decode(Int32Array.from(tokens))).toBe(decoded);
  });

  it("gives back any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!/^[ ▁]|▁|\p{M}/u.test(text) || kind !== "byteFallback");
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
      { seed: 7 },
    );
  });

  it("comes back from its files as the same tokenizer", async () => {
    await saveTokenizer(tokenizer, join(folder, kind));
    const again = await loadTokenizer(join(folder, kind));
    expect([again.id, again.special, again.vocabSize]).toEqual([tokenizer.id, tokenizer.special, tokenizer.vocabSize]);
  });
});

describe("loadTokenizer", () => {
  const { byteLevel, llama3, byteFallback } = fixture.kinds;

  it("finds the special tokens of the configuration, written as text or as objects", async () => {
    const special = (kind: (typeof fixture.kinds)[string]) =>
      loadTokenizer(kind.tokenizer, kind.config).then((t) => t.special);
    expect(await special(byteLevel!)).toEqual({ eos: 0, pad: 1 });
    expect(await special(llama3!)).toEqual({ bos: 450, eos: 451 });
    expect(await special(byteFallback!)).toEqual({ unk: 0, bos: 1, eos: 2 });
  });

  it("counts added tokens in vocabSize", async () => {
    expect((await loadTokenizer(llama3!.tokenizer)).vocabSize).toBe(454);
  });

  it("prefers tokenizer_config.json to special_tokens_map.json, and takes the template from its own file", async () => {
    const directory = await mkdtemp(join(folder, "files-"));
    await writeFile(join(directory, "tokenizer.json"), JSON.stringify(byteLevel!.tokenizer));
    await writeFile(join(directory, "special_tokens_map.json"), '{"eos_token": "<pad>", "pad_token": "<pad>"}');
    await writeFile(join(directory, "tokenizer_config.json"), '{"eos_token": "<|end|>", "chat_template": "old"}');
    await writeFile(join(directory, "chat_template.jinja"), "new");
    const { special, chatTemplate } = await loadTokenizer(directory);
    expect({ special, chatTemplate }).toEqual({ special: { eos: 0, pad: 1 }, chatTemplate: "new" });
  });

  it("takes the template that is named default", async () => {
    const templates = [
      { name: "tool_use", template: "other" },
      { name: "default", template: "plain" },
    ];
    expect((await loadTokenizer(byteLevel!.tokenizer, { chat_template: templates })).chatTemplate).toBe("plain");
  });

  it("gives the same id for the same content in another order, another id for another content", async () => {
    const json = byteLevel!.tokenizer;
    const { id } = await loadTokenizer(json);
    const reordered = Object.fromEntries(Object.entries(json).reverse());
    expect((await loadTokenizer(reordered)).id).toBe(id);
    expect((await loadTokenizer({ ...json, pre_tokenizer: null })).id).not.toBe(id);
  });

  it("drops what has no token, where there is no unknown token", async () => {
    const model = { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] };
    const tokenizer = await loadTokenizer({
      model,
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
    });
    expect([...tokenizer.encode("axb")]).toEqual([0, 1]);
  });

  it("throws FormatError for a directory without tokenizer.json", async () => {
    await expect(loadTokenizer(join(folder, "nowhere"))).rejects.toMatchObject({ code: "E_FORMAT" });
  });

  it("throws StorageError when the system refuses to read or write", async () => {
    const directory = await mkdtemp(join(folder, "refused-"));
    await mkdir(join(directory, "tokenizer.json"));
    await expect(loadTokenizer(directory)).rejects.toMatchObject({ code: "E_STORAGE" });
    const tokenizer = await loadTokenizer(byteLevel!.tokenizer);
    await writeFile(join(directory, "file"), "");
    await expect(saveTokenizer(tokenizer, join(directory, "file"))).rejects.toMatchObject({ code: "E_STORAGE" });
  });

  it("throws FormatError naming the file that is no JSON", async () => {
    const directory = await mkdtemp(join(folder, "broken-"));
    await writeFile(join(directory, "tokenizer.json"), "{");
    await expect(loadTokenizer(directory)).rejects.toThrow(/tokenizer\.json must be JSON/);
  });

  it("throws FormatError naming an unknown kind", async () => {
    const json = { ...byteLevel!.tokenizer, pre_tokenizer: { type: "Magic" } };
    await expect(loadTokenizer(json)).rejects.toThrow(/supported kind.*Magic/);
  });

  it("throws ValueError for a token outside the vocabulary", async () => {
    const tokenizer = await loadTokenizer(byteLevel!.tokenizer);
    expect(() => tokenizer.decode([3, 420])).toThrow("tokens must be integers in [0, 420), got 420 at position 1");
  });
});

describe("saveTokenizer", () => {
  it("writes the file as it was read", async () => {
    const { tokenizer, config } = fixture.kinds.llama3!;
    await saveTokenizer(await loadTokenizer(tokenizer, config), join(folder, "saved"));
    const read = async (name: string) => JSON.parse(await readFile(join(folder, "saved", name), "utf8"));
    expect(await read("tokenizer.json")).toEqual(tokenizer);
    expect(await read("tokenizer_config.json")).toEqual(config);
  });
});

describe("assertFits", () => {
  it("accepts a model with as many tokens or more", () => {
    assertFits({ vocabSize: 10, id: "t" }, { vocabSize: 10 });
    assertFits({ vocabSize: 10, id: "t" }, { vocabSize: 16 });
  });

  it("throws ConfigError for a model with fewer", () => {
    expect(() => assertFits({ vocabSize: 11, id: "t" }, { vocabSize: 10 })).toThrow(/at most the model's 10, got 11/);
  });
});
