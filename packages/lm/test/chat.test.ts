import { beforeAll, describe, expect, it } from "vitest";
import { applyChat } from "../src/chat.js";
import { charTokenizer } from "../src/simple-tokenizers.js";
import { loadTokenizer, type TextTokenizer } from "../src/tokenizer.js";
import { fixture } from "./tokenizer-fixture.js";

const { template, cases } = fixture.chats;
const { tokenizer: json, config } = fixture.kinds.llama3!;
let tokenizer: TextTokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(json, { ...config, chat_template: template });
});
const withTemplate = (chatTemplate: string): TextTokenizer => ({ ...tokenizer, chatTemplate });

describe("applyChat", () => {
  it.each(cases)("renders, encodes and marks conversation %# as transformers does", (expected) => {
    const { text, tokens, assistantMask } = applyChat(tokenizer, expected.messages, expected);
    expect(text).toBe(expected.text);
    expect([...tokens]).toEqual(expected.tokens);
    expect([...assistantMask]).toEqual(expected.assistantMask);
  });

  it("gives the template the texts of the special tokens", () => {
    expect(
      applyChat(withTemplate("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"), [
        { role: "user", content: "abc" },
      ]).text,
    ).toBe("<|begin|>abc<|end|>");
  });

  it("marks a turn to its end when the tokenizer has no eos", () => {
    const letters = charTokenizer("ab:\n");
    const chatTemplate =
      "{% for m in messages %}{{ ':' + m.content + '\\n' }}{% endfor %}{% if add_generation_prompt %}:{% endif %}";
    const { text, assistantMask } = applyChat({ ...letters, chatTemplate }, [
      { role: "user", content: "a" },
      { role: "assistant", content: "bb" },
    ]);
    expect(text).toBe(":a\n:bb\n");
    expect([...assistantMask]).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });

  it("throws ValueError when the template changes an earlier turn", () => {
    const forgetful = withTemplate("{% for m in messages %}{{ m.content if loop.last else '' }}{% endfor %}");
    const messages = [
      { role: "assistant", content: "abc" },
      { role: "user", content: "hello" },
    ];
    expect(() => applyChat(forgetful, messages)).toThrow(/before message 1 must begin the whole one/);
  });

  it("throws ConfigError without a template", () => {
    expect(() => applyChat(charTokenizer("ab"), [])).toThrow(/must have a chat template/);
  });

  it("throws FormatError for a template that is broken or refuses the messages", () => {
    expect(() => applyChat(withTemplate("{% for %}"), [])).toThrow(/chat template must render/);
    expect(() => applyChat(withTemplate("{{ raise_exception('no system') }}"), [])).toThrow(/no system/);
  });
});
