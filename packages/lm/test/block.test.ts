import * as tf from "@tensorflow/tfjs-core";
import { valueAndGrad } from "@x/runtime";
import { describe, expect, it } from "vitest";
import { type Inject, type InjectionSite, type LanguageModel, nextTokenLoss } from "../src/index.js";
import { distance, tinyModel, tokensOf, variants } from "./models.js";

const sites = ["attentionHeads", "mlpInput", "residual"] as const;
const rows = [
  [1, 5, 3, 9, 2],
  [4, 4, 10, 0, 8],
];

const only =
  (layer: number, site: InjectionSite, value: tf.Tensor3D): Inject =>
  (l, s) =>
    l === layer && s === site ? value : null;

const noise = (shape: [number, number, number], seed: number): tf.Tensor3D =>
  tf.randomNormal(shape, 0, 0.5, "float32", seed);

/** Changes a variable by a vector, and back. */
function withChange<R>(model: LanguageModel, name: string, change: tf.Tensor, fn: () => R): R {
  const variable = model.variables.get(name)!;
  const before = tf.clone(variable);
  variable.assign(tf.add(variable, change));
  const result = fn();
  variable.assign(before);
  return result;
}

describe("inject", () => {
  it.each(Object.entries(variants))("of zeros changes no bit of %s, at any site", (_, config) => {
    const model = tinyModel(config);
    const tokens = tokensOf(rows);
    const asked: string[] = [];
    const plain = model.logits(tokens);
    for (const length of [5, 1]) {
      const inject: Inject = (layer, site) => {
        asked.push(`${layer} ${site}`);
        return tf.zeros([2, length, model.injectionWidth(layer, site)]);
      };
      expect(distance(model.logits(tokens, { inject }), plain)).toBe(0);
    }
    const once = [0, 1].flatMap((layer) => [`${layer} residual`, `${layer} attentionHeads`, `${layer} mlpInput`]);
    expect(asked).toEqual([...once, "2 residual", ...once, "2 residual"]);
    model.dispose();
  });

  // A constant vector z acts like a change of the bias that follows it or comes before it.
  it.each([
    ["attentionHeads", 1, "blocks.1.o.b", "blocks.1.o.w"],
    ["mlpInput", 0, "blocks.0.up.b", "blocks.0.up.w"],
    ["residual", 1, "blocks.0.down.b", null],
    ["residual", 2, "blocks.1.down.b", null],
  ] as const)("at %s of layer %i acts as a change of %s", (site, layer, bias, matrix) => {
    const model = tinyModel({ family: "gpt2" });
    const tokens = tokensOf(rows);
    const z = noise([1, 1, model.injectionWidth(layer, site)], 5);
    const tiled = tf.tile<tf.Tensor3D>(z, [2, 1, 1]);
    const injected = model.logits(tokens, { inject: only(layer, site, tiled) });
    const flat = tf.reshape(z, [1, -1]) as tf.Tensor2D;
    const change = matrix === null ? flat : tf.matMul(flat, model.variables.get(matrix) as tf.Variable<tf.Rank.R2>);
    const changed = withChange(model, bias, tf.reshape(change, [-1]), () => model.logits(tokens));
    expect(distance(injected, changed)).toBeLessThan(1e-5);
    expect(distance(injected, model.logits(tokens))).toBeGreaterThan(1e-2);
    const perToken = model.logits(tokens, { inject: only(layer, site, tf.tile<tf.Tensor3D>(z, [2, 5, 1])) });
    expect(distance(perToken, injected)).toBeLessThan(1e-6);
    model.dispose();
  });

  it.each(sites)("at %s has the gradient of finite differences", (site) => {
    const model = tinyModel({ family: "llama", kvHeads: 2, headDim: 6 });
    const tokens = tokensOf(rows);
    const width = model.injectionWidth(1, site);
    const injected = tf.variable(noise([2, 5, width], 6));
    const lossAt = (value: tf.Tensor3D) => nextTokenLoss(model, { tokens }, { inject: only(1, site, value) });
    const { grads } = valueAndGrad(() => lossAt(injected as tf.Tensor3D), new Map([["z", injected]]));
    const gradient = grads.get("z")!;
    const size = Math.sqrt(tf.sum(tf.square(gradient)).dataSync()[0]!);
    // Along the gradient itself the slope is its length.
    const step = tf.mul(gradient, 0.02 / size) as tf.Tensor3D;
    const [up, down] = [tf.add(injected, step), tf.sub(injected, step)].map(
      (x) => lossAt(x as tf.Tensor3D).dataSync()[0]!,
    ) as [number, number];
    expect((up - down) / 0.04 / size).toBeCloseTo(1, 2);
    injected.dispose();
    model.dispose();
  });

  it.each(Object.entries(variants))("of %s is the same with a cache as without", (_, config) => {
    const model = tinyModel(config);
    const tokens = tokensOf(rows);
    const width = (layer: number, site: InjectionSite) => model.injectionWidth(layer, site);
    const values = new Map(
      sites.flatMap((site, s) =>
        [0, 1, 2].flatMap((layer) =>
          site !== "residual" && layer === 2
            ? []
            : [[`${layer} ${site}`, noise([2, 5, width(layer, site)], 10 * s + layer + 1)] as const],
        ),
      ),
    );
    const part =
      (from: number, count: number): Inject =>
      (layer, site) =>
        tf.slice(values.get(`${layer} ${site}`)!, [0, from, 0], [2, count, width(layer, site)]);
    const whole = model.logits(tokens, { inject: part(0, 5) });
    const cache = model.openCache(2, 8);
    const columns = [model.logits(tf.slice(tokens, [0, 0], [2, 3]), { cache, inject: part(0, 3) })];
    for (const t of [3, 4])
      columns.push(
        model.logits(tf.slice(tokens, [0, t], [2, 1]), {
          cache,
          positions: tokensOf([[t], [t]]),
          inject: part(t, 1),
        }),
      );
    expect(distance(tf.concat(columns, 1), whole)).toBeLessThan(1e-5);
    cache.dispose();
    model.dispose();
  });

  it("knows the width of every site and refuses others", () => {
    const model = tinyModel({ family: "llama", kvHeads: 2, headDim: 6 });
    expect(model.injectionWidth(1, "attentionHeads")).toBe(24);
    expect(model.injectionWidth(1, "mlpInput")).toBe(16);
    expect(model.injectionWidth(2, "residual")).toBe(16);
    expect(() => model.injectionWidth(2, "mlpInput")).toThrow("layer of mlpInput must be in 0 … 1, got 2");
    expect(() => model.injectionWidth(-1, "residual")).toThrow("got -1");
    model.dispose();
  });
});
