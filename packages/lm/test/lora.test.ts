import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, StateError, ValueError } from "@x/core";
import { adamW, trainStep } from "@x/runtime";
import { describe, expect, it } from "vitest";
import { attachLora, generate, type LanguageModel, type Lora, type LoraTarget, nextTokenLoss } from "../src/index.js";
import { loraTargets } from "../src/lora.js";
import { distance, tinyModel, tokensOf, variants } from "./models.js";

const tokens = () => tokensOf([[1, 5, 3, 9, 2, 7, 10, 4]]);
const logits = (model: LanguageModel) => model.logits(tokens());

/** Gives B values, as training would. */
function fill(lora: Lora, seed: number): void {
  let index = 0;
  for (const [name, variable] of lora.variables)
    if (name.endsWith(".b"))
      tf.tidy(() => variable.assign(tf.randomNormal(variable.shape, 0, 0.3, "float32", seed + ++index)));
}

describe("attachLora", () => {
  it.each(Object.entries(variants))("starts as the identity on %s, and every target changes it", (_, config) => {
    const model = tinyModel(config);
    const plain = logits(model);
    for (const target of loraTargets(model)) {
      const lora = attachLora(model, { seed: 1, rank: 2, targets: [target] });
      expect([...lora.variables.keys()]).toEqual(
        [0, 1].flatMap((i) => [`blocks.${i}.${target}.a`, `blocks.${i}.${target}.b`]),
      );
      expect(distance(logits(model), plain)).toBe(0);
      fill(lora, 7);
      expect(distance(logits(model), plain)).toBeGreaterThan(1e-3);
      lora.dispose();
      expect(distance(logits(model), plain)).toBe(0);
    }
    model.dispose();
  });

  it.each(Object.entries(variants))("merges into %s as the same function, and out again", (_, config) => {
    const model = tinyModel(config);
    const plain = logits(model);
    const lora = attachLora(model, { seed: 1, rank: 2, alpha: 3, targets: loraTargets(model) });
    fill(lora, 7);
    const adapted = logits(model);
    const before = tf.memory().numTensors;
    lora.merge();
    expect(tf.memory().numTensors).toBe(before);
    expect(distance(logits(model), adapted)).toBeLessThan(1e-5);
    lora.unmerge();
    expect(distance(logits(model), adapted)).toBeLessThan(1e-5);
    expect(
      distance(
        model.withAdapter(null, () => logits(model)),
        plain,
      ),
    ).toBeLessThan(1e-5);
    lora.dispose();
    model.dispose();
  });

  it("computes x·W + (α/r)·x·A·B", () => {
    const model = tinyModel({ family: "gpt2" });
    const lora = attachLora(model, { seed: 1, rank: 3, alpha: 6, targets: ["up"] });
    fill(lora, 7);
    const adapted = logits(model);
    lora.dispose();
    const again = attachLora(model, { seed: 1, rank: 3, alpha: 6, targets: ["up"] });
    fill(again, 7);
    for (const i of [0, 1]) {
      const w = model.variables.get(`blocks.${i}.up.w`)!;
      const [a, b] = ["a", "b"].map((side) =>
        again.variables.get(`blocks.${i}.up.${side}`),
      ) as tf.Variable<tf.Rank.R2>[];
      w.assign(tf.add(w, tf.mul(2, tf.matMul(a!, b!))));
    }
    expect(
      distance(
        model.withAdapter(null, () => logits(model)),
        adapted,
      ),
    ).toBeLessThan(1e-5);
    again.dispose();
    model.dispose();
  });

  it("starts A uniform within ±1/√in, from the seed", () => {
    const model = tinyModel({ family: "llama" });
    const values = (seed: number) => {
      const lora = attachLora(model, { seed, rank: 64, targets: ["v"] });
      const a = lora.variables.get("blocks.0.v.a")!.dataSync<"float32">();
      lora.dispose();
      return a;
    };
    const a = values(1);
    expect(Math.max(...a)).toBeLessThan(0.25);
    expect(Math.min(...a)).toBeGreaterThan(-0.25);
    // 1024 draws: the variance of U(−c, c) is c²/3, its estimate within 20 % but for one in 10⁶.
    expect((a.reduce((sum, x) => sum + x * x, 0) / 1024 / 0.25 ** 2) * 3).toBeCloseTo(1, 0.7);
    expect(values(1)).toEqual(a);
    expect(values(2)).not.toEqual(a);
    model.dispose();
  });

  it("is trained alone and leaves the model bit for bit", () => {
    const model = tinyModel({ family: "llama", kvHeads: 2 });
    const frozen = new Map(Array.from(model.variables, ([name, variable]) => [name, variable.dataSync().slice()]));
    const plain = logits(model);
    const lora = attachLora(model, { seed: 1, rank: 4, targets: ["q", "k", "v", "o", "up"] });
    const optimizer = adamW({ weightDecay: 0 });
    const step = trainStep({
      groups: [{ variables: lora.variables, optimizer }],
      loss: (batch: { tokens: tf.Tensor2D }) => nextTokenLoss(model, batch),
    });
    const batch = { tokens: tokens() };
    const first = step(batch, 0.02).loss;
    for (let i = 0; i < 30; i++) step(batch, 0.02);
    expect(step(batch, 0.02).loss).toBeLessThan(first / 2);
    for (const [name, variable] of model.variables) expect(variable.dataSync()).toEqual(frozen.get(name));
    expect(
      distance(
        model.withAdapter(null, () => logits(model)),
        plain,
      ),
    ).toBe(0);
    optimizer.dispose();
    lora.dispose();
    model.dispose();
  });

  it("refuses what the family has not, taken names and bad numbers, and leaves nothing behind", () => {
    const model = tinyModel({ family: "gpt2" });
    const before = tf.memory().numTensors;
    const attach = (options: object) => () => attachLora(model, { seed: 1, ...options });
    expect(attach({ targets: ["q"] })).toThrow("targets of gpt2 must be among qkv,o,up,down, got q");
    expect(attach({ targets: ["gate"] })).toThrow(ConfigError);
    expect(attach({ targets: [] })).toThrow(ValueError);
    expect(attach({ rank: 0 })).toThrow(ValueError);
    expect(attach({ alpha: Number.NaN })).toThrow(ValueError);
    const lora = attachLora(model, { seed: 1 });
    const one = tf.memory().numTensors;
    expect(attach({})).toThrow('adapter names must differ, got "default" twice');
    expect(tf.memory().numTensors).toBe(one);
    expect(() => lora.unmerge()).toThrow(StateError);
    lora.merge();
    expect(() => lora.merge()).toThrow("merge: the adapter must be attached, got one that is merged");
    lora.dispose();
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

describe("adapters that took the same name in turn", () => {
  it("do not touch each other, nor the model when one cannot come back", () => {
    const model = tinyModel({ family: "llama" });
    const a = attachLora(model, { seed: 1 });
    fill(a, 3);
    a.merge();
    const b = attachLora(model, { seed: 2 });
    fill(b, 5);
    const weights = () => Array.from(model.variables.values(), (variable) => variable.dataSync().slice());
    const [merged, adapted] = [weights(), logits(model)];

    expect(() => a.unmerge()).toThrow('adapter names must differ, got "default" twice');
    expect(weights()).toEqual(merged);
    expect(distance(logits(model), adapted)).toBe(0);
    expect(() => a.unmerge()).toThrow(ConfigError); // still merged

    a.dispose();
    const left = tf.memory().numTensors;
    a.dispose();
    expect(tf.memory().numTensors).toBe(left);
    expect(() => a.unmerge()).toThrow("unmerge: the adapter must be merged, got one that is disposed");
    expect(distance(logits(model), adapted)).toBe(0);
    expect(
      distance(
        model.withAdapter(null, () => logits(model)),
        adapted,
      ),
    ).toBeGreaterThan(1e-3);
    b.dispose();
    expect(() => model.withAdapter("default", () => 0)).toThrow(ConfigError);
    model.dispose();
  });
});

describe("LanguageModel.withAdapter", () => {
  it("switches between several adapters and none", () => {
    const model = tinyModel({ family: "qwen3" });
    const plain = logits(model);
    const targets: readonly LoraTarget[] = ["q", "down"];
    const [first, second] = ["one", "two"].map((name, i) => {
      const lora = attachLora(model, { seed: i, name, rank: 2, targets });
      fill(lora, 10 * i);
      return lora;
    }) as [Lora, Lora];
    const two = logits(model);
    const one = model.withAdapter("one", () => logits(model));
    expect(distance(one, two)).toBeGreaterThan(1e-3);
    expect(distance(logits(model), two)).toBe(0);
    const nested = model.withAdapter(null, () => [model.withAdapter("two", () => logits(model)), logits(model)]);
    expect(distance(nested[0]!, two)).toBe(0);
    expect(distance(nested[1]!, plain)).toBe(0);
    second.dispose();
    expect(distance(logits(model), plain)).toBe(0);
    first.dispose();
    model.dispose();
  });

  it("switches back after an error and refuses unknown names, promises and generators", () => {
    const model = tinyModel({ family: "qwen3" });
    const lora = attachLora(model, { seed: 1, rank: 2 });
    fill(lora, 3);
    const adapted = logits(model);
    expect(() =>
      model.withAdapter(null, () => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(distance(logits(model), adapted)).toBe(0);
    expect(() => model.withAdapter("other", () => 0)).toThrow('must be one of [default] or null, got "other"');
    expect(() => model.withAdapter(null, async () => 0)).toThrow("fn must be synchronous");
    const later = () => generate(model, { prompts: [Int32Array.of(1)], seed: 1 }, { maxNewTokens: 1 });
    expect(() => model.withAdapter(null, later)).toThrow("fn must be synchronous, got a promise or a generator");
    lora.dispose();
    model.dispose();
  });
});
