import { ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { initialValues, LanguageModel, lmConfig, parameters, presets } from "../src/index.js";

const valuesOf = (layers: number, seed: number | string = 3) =>
  new Map(Array.from(initialValues({ ...presets("nano"), layers }, seed), ({ name, data }) => [name, data] as const));

describe("initialValues", () => {
  it("has the deviations of its equation", () => {
    const values = valuesOf(8);
    const deviation = (name: string) =>
      Math.sqrt(values.get(name)!.reduce((sum, x) => sum + x * x, 0) / values.get(name)!.length);
    // 4096 and more draws: the deviation is within 6 % with a false alarm below 1e-7.
    for (const name of ["embed", "pos", "blocks.0.qkv.w", "blocks.7.up.w"])
      expect(deviation(name) / 0.02).toBeCloseTo(1, 1);
    for (const name of ["blocks.0.o.w", "blocks.7.down.w"]) expect(deviation(name) / (0.02 / 4)).toBeCloseTo(1, 1);
    expect(new Set(values.get("norm.w"))).toEqual(new Set([1]));
    expect(new Set(values.get("blocks.3.qkv.b"))).toEqual(new Set([0]));
  });

  it("gives a parameter the same values whatever else the model has", () => {
    expect(valuesOf(1).get("blocks.0.up.w")).toEqual(valuesOf(8).get("blocks.0.up.w"));
  });

  it("is decided by the seed", () => {
    expect(valuesOf(1, "a").get("embed")).toEqual(valuesOf(1, "a").get("embed"));
    expect(valuesOf(1, "a").get("embed")).not.toEqual(valuesOf(1, "b").get("embed"));
    expect([...valuesOf(1, 3).get("embed")!.slice(0, 3)]).not.toEqual([...valuesOf(1, 3).get("pos")!.slice(0, 3)]);
  });

  it("is what LanguageModel.create starts from, and refuses what is no seed", () => {
    const config = lmConfig({ family: "qwen3", vocabSize: 7, hidden: 8, layers: 1, heads: 2, maxPositions: 16 });
    const model = LanguageModel.create(config, { seed: 5 });
    expect([...model.variables.keys()]).toEqual([...parameters(config).keys()]);
    for (const { name, data } of initialValues(config, 5)) expect(model.variables.get(name)!.dataSync()).toEqual(data);
    model.dispose();
    expect(() => LanguageModel.create(config, { seed: Number.NaN })).toThrow(ValueError);
  });
});
