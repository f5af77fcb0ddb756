import * as tf from "@tensorflow/tfjs-core";
import { lanes } from "@x/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DecoderOptions, groupsFor, openDecoder } from "../src/decoder.js";
import type { GeneratingModel } from "../src/generating-model.js";
import type { LanguageModel } from "../src/model.js";
import { tinyModel, tokensOf } from "./models.js";

let model: LanguageModel;
beforeAll(() => {
  model = tinyModel({ family: "qwen3", kvHeads: 2, maxPositions: 300 });
});
afterAll(() => model.dispose());

const options: DecoderOptions = { temperature: 0, vocabSize: 11, stopIds: [], chunk: 4, longest: 300 };

/** The most likely next tokens after a text, by a full pass for each. */
function greedy(text: readonly number[], count: number): number[] {
  const all = [...text];
  for (let i = 0; i < count; i++)
    all.push(
      tf.tidy(() => tf.argMax(tf.slice(model.logits(tokensOf([all])), [0, all.length - 1, 0]), 2).dataSync()[0]!),
    );
  return all.slice(text.length);
}

/** The model, and the lengths that its caches have had. */
function watched() {
  const lengths: number[] = [];
  const openCache = (rows: number, length: number) => {
    lengths.push(length);
    const cache = model.openCache(rows, length);
    return Object.assign(cache, {
      grow(length: number) {
        lengths.push(length);
        Object.getPrototypeOf(cache).grow.call(cache, length);
      },
    });
  };
  const watching: GeneratingModel = {
    vocabSize: model.vocabSize,
    config: model.config,
    openCache,
    logits: (tokens, given) => model.logits(tokens, given as Parameters<LanguageModel["logits"]>[1]),
    hidden: (tokens, given) => model.hidden(tokens, given as Parameters<LanguageModel["hidden"]>[1]),
  };
  return { watching, lengths };
}

const inGroups = [{ groups: 1 }, { groups: 2 }, { groups: 3 }];

describe.each(inGroups)("openDecoder in $groups groups", ({ groups }) => {
  it("continues texts of any lengths as full passes do, from turn to turn, and lets places be empty", async () => {
    const texts = [[3], [1, 5, 2, 9, 9, 0, 4], [7, 7, 1]];
    const decoder = openDecoder(model, 4, { ...options, groups });
    decoder.begin(new Map(texts.map((text, row) => [row === 2 ? 3 : row, text])));
    const [a, b, c] = texts.map((text) => greedy(text, 7)) as [number[], number[], number[]];
    const turn = (text: readonly number[], steps: number) => ({ text, steps, key: 0 });
    const first = await decoder.next([turn(texts[0]!, 4), turn(texts[1]!, 1), undefined, turn(texts[2]!, 3)]);
    expect(first.map((row) => row && [...row.tokens])).toEqual([
      a.slice(0, 4),
      b.slice(0, 1),
      undefined,
      c.slice(0, 3),
    ]);
    const next = [
      turn(texts[0]!.concat(a.slice(0, 4)), 2),
      undefined,
      undefined,
      turn(texts[2]!.concat(c.slice(0, 3)), 4),
    ];
    const second = await decoder.next(next);
    expect(second.map((row) => row && [...row.tokens])).toEqual([a.slice(4, 6), undefined, undefined, c.slice(3, 7)]);
    decoder.dispose();
  });

  it("puts a new text in the place of another", async () => {
    const decoder = openDecoder(model, 3, { ...options, groups });
    decoder.begin(
      new Map([
        [0, [4, 4, 4, 4, 4, 4, 4]],
        [1, [8, 1]],
        [2, [5, 5]],
      ]),
    );
    await decoder.next([
      { text: [4, 4, 4, 4, 4, 4, 4], steps: 4, key: 0 },
      { text: [8, 1], steps: 2, key: 0 },
      { text: [5, 5], steps: 4, key: 0 },
    ]);
    decoder.begin(
      new Map([
        [0, [2, 6, 5]],
        [2, [9]],
      ]),
    );
    const other = [8, 1, ...greedy([8, 1], 2)];
    const rows = await decoder.next([
      { text: [2, 6, 5], steps: 4, key: 0 },
      { text: other, steps: 4, key: 0 },
      { text: [9], steps: 3, key: 0 },
    ]);
    expect(rows.map((row) => [...row!.tokens])).toEqual([greedy([2, 6, 5], 4), greedy(other, 4), greedy([9], 3)]);
    decoder.dispose();
  });
});

describe("openDecoder", () => {
  it("ends a text with its first stop token", async () => {
    const expected = greedy([1, 2, 3], 4);
    const stop = expected[2]!;
    const decoder = openDecoder(model, 1, { ...options, stopIds: [stop] });
    decoder.begin(new Map([[0, [1, 2, 3]]]));
    const [row] = await decoder.next([{ text: [1, 2, 3], steps: 4, key: 0 }]);
    expect([...row!.tokens]).toEqual(expected.slice(0, expected.indexOf(stop) + 1));
    decoder.dispose();
  });

  it.each([
    [300, 9, [64, 128, 256, 300]],
    [250, 9, [64, 128, 256]],
    [150, 9, [64, 128, 192]],
    [60, 9, [64]],
    [300, 1, [300]],
    [150, 2, [192]],
  ])("for texts of up to %i in %i rows has room for %o", async (longest, rows, expected) => {
    const { watching, lengths } = watched();
    const decoder = openDecoder(watching, rows, { ...options, chunk: 32, longest, groups: 1 });
    const text = [1];
    decoder.begin(new Map([[0, text]]));
    const others = Array(rows - 1).fill(undefined);
    while (text.length < longest) {
      const steps = Math.min(32, longest - text.length);
      const [row] = await decoder.next([{ text, steps, key: 0 }, ...others]);
      text.push(...row!.tokens);
    }
    decoder.dispose();
    expect(lengths).toEqual(expected);
    expect(text.slice(1, 6)).toEqual(greedy([1], 5));
  });

  it.each([
    [70, 20],
    [130, 40],
    [200, 60],
  ])("reads a prompt of %i tokens where %i more need room", async (length, more) => {
    const text = Array.from({ length }, (_, i) => (i * 7) % 11);
    const decoder = openDecoder(model, 1, { ...options, chunk: 64, longest: length + more });
    decoder.begin(new Map([[0, text]]));
    const [row] = await decoder.next([{ text, steps: more, key: 0 }]);
    expect(row!.tokens).toHaveLength(more);
    expect([...row!.tokens.slice(0, 4)]).toEqual(greedy(text, 4));
    decoder.dispose();
  });

  it("opens a cache of its own for each group of rows", async () => {
    const { watching, lengths } = watched();
    const decoder = openDecoder(watching, 5, { ...options, longest: 60, groups: 2 });
    decoder.begin(new Map([[4, [1]]]));
    decoder.dispose();
    expect(lengths).toEqual([64, 64]);
    const few = watched();
    const one = openDecoder(few.watching, 5, { ...options, longest: 60, groups: 4 }); // groups of two rows: three will do
    one.begin(new Map([[4, [1]]]));
    one.dispose();
    expect(few.lengths).toEqual([64, 64, 64]);
  });

  it("keeps the number of tensors, also when the model fails", async () => {
    const before = tf.memory().numTensors;
    const decoder = openDecoder(model, 1, options);
    decoder.begin(new Map([[0, [1, 2]]]));
    await decoder.next([{ text: [1, 2], steps: 3, key: 1 }]);
    expect(() => decoder.begin(new Map([[0, Array(301).fill(1)]]))).toThrow();
    decoder.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("groupsFor", () => {
  it("gives each group 4 rows at least, and more in a large model", () => {
    const most = lanes();
    expect(groupsFor(3, 1000)).toBe(1);
    expect(groupsFor(8, 1000)).toBe(Math.min(most, 2));
    expect(groupsFor(1000, 1000)).toBe(most);
    expect(groupsFor(64, 64 * 2 ** 21)).toBe(1);
    expect(groupsFor(128, 64 * 2 ** 21)).toBe(Math.min(most, 2));
  });
});
