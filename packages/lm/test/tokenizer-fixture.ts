import { readFileSync } from "node:fs";

interface Fixture {
  readonly kinds: Readonly<
    Record<
      string,
      {
        readonly tokenizer: Readonly<Record<string, unknown>>;
        readonly config: Readonly<Record<string, unknown>>;
        readonly cases: readonly {
          readonly text: string;
          readonly tokens: number[];
          readonly withSpecial: number[];
          readonly decoded: string;
        }[];
      }
    >
  >;
  readonly chats: {
    readonly template: string;
    readonly cases: readonly {
      readonly messages: readonly { readonly role: string; readonly content: string }[];
      readonly addGenerationPrompt: boolean;
      readonly text: string;
      readonly tokens: number[];
      readonly assistantMask: number[];
    }[];
  };
  readonly trained: readonly {
    readonly texts: readonly string[];
    readonly vocabSize: number;
    readonly special: readonly string[];
    readonly alphabet: readonly string[];
    readonly merges: readonly (readonly [string, string])[];
  }[];
}

/** What the Rust library and transformers made of difficult texts; see fixtures/make_tokenizers.py. */
export const fixture: Fixture = JSON.parse(readFileSync(new URL("fixtures/tokenizers.json", import.meta.url), "utf8"));

export const kinds = Object.keys(fixture.kinds);
