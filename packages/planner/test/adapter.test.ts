import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, ShapeError, StateError, ValueError } from "@x/core";
import { LanguageModel, lmConfig } from "@x/lm";
import { valueAndGrad } from "@x/runtime";
import { beforeAll, describe, expect, it } from "vitest";
import { codebookOf } from "../src/actions.js";
import { ActionAdapter, type ActionAdapterConfig } from "../src/adapter.js";
import { expectClose } from "./expect-close.js";

const rng = createRng(4);
const normals = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
const codebook = codebookOf(normals(3 * 4), 4, "e");
const modelOf = (layers: number, family: "gpt2" | "llama" = "gpt2") =>
  LanguageModel.create(
    lmConfig({
      family,
      vocabSize: 11,
      hidden: 8,
      layers,
      heads: 4,
      kvHeads: family === "llama" ? 2 : 4,
      headDim: 4,
      ffn: 16,
      maxPositions: 16,
    }),
    { seed: 1 },
  );
let lm: LanguageModel;
beforeAll(() => {
  lm = modelOf(3);
});
const create = (o: ActionAdapterConfig = {}, model?: LanguageModel) =>
  ActionAdapter.create(model ?? lm, codebook, { ...o, seed: 2 });
const tokens = () => tf.tensor2d(Int32Array.of(0, 3, 5, 7, 2, 9), [1, 6], "int32");
const planOfToken = () => tf.tensor2d(Int32Array.of(0, 0, 1, 1, 1, 2), [1, 6], "int32");
const plans = (values: readonly number[]) => tf.tensor3d(Float32Array.from(values), [1, 3, 3]);
const mixed = [0.2, 0.5, 0.3, 0.1, 0.1, 0.8, 1, 0, 0];

function logits(adapter: ActionAdapter | undefined, values: readonly number[] = mixed): Float32Array {
  return tf.tidy(() => {
    const inject = adapter?.injections(plans(values), planOfToken());
    return lm.logits(tokens(), inject && { inject }).dataSync() as Float32Array;
  });
}

describe("ActionAdapter", () => {
  it("hands each token P·(wᵀE) + b of its sentence", () => {
    const adapter = create({ skipLayers: 1 });
    const injected = tf.tidy(() =>
      adapter.injections(plans(mixed), planOfToken())(1, "attentionHeads")!.arraySync(),
    )[0]!;
    const weight = adapter.variables.get("layers.1.weight")!.arraySync() as number[][];
    [0, 0, 1, 1, 1, 2].forEach((sentence, t) => {
      const expected = Array.from({ length: 16 }, (_, out) => {
        let sum = 0;
        for (let k = 0; k < 3; k++)
          for (let d = 0; d < 4; d++)
            sum += mixed[sentence * 3 + k]! * codebook.centroids[k * 4 + d]! * weight[d]![out]!;
        return sum;
      });
      expectClose(injected[t]!, expected, { atol: 1e-5 });
    });
    adapter.dispose();
  });

  it("speaks at its own site and layers only, with the width that the model names", () => {
    for (const site of ["attentionHeads", "mlpInput", "residual"] as const) {
      const adapter = create({ site });
      tf.tidy(() => {
        const inject = adapter.injections(plans(mixed), planOfToken());
        for (const other of ["attentionHeads", "mlpInput", "residual"] as const)
          for (const layer of [0, 1, 2, 3]) {
            const speaks = other === site && layer === 2; // the first two of three layers are skipped
            expect(inject(layer, other)?.shape ?? null).toEqual(speaks ? [1, 6, lm.injectionWidth(2, site)] : null);
          }
      });
      adapter.dispose();
    }
    expect(lm.injectionWidth(2, "attentionHeads")).not.toBe(lm.injectionWidth(2, "mlpInput"));
  });

  it("leaves the model bit-equal while its projections are zero, and changes it otherwise", () => {
    for (const site of ["attentionHeads", "mlpInput", "residual"] as const) {
      const adapter = create({ site, skipLayers: 0 });
      expect(logits(adapter)).not.toEqual(logits(undefined));
      for (const variable of adapter.projections.values()) variable.assign(tf.tidy(() => tf.zerosLike(variable)));
      expect(logits(adapter)).toEqual(logits(undefined));
      adapter.dispose();
    }
  });

  it("with one codebook for all equals equal codebooks for each layer", () => {
    const [each, shared] = [create({ skipLayers: 0 }), create({ skipLayers: 0, codebook: "shared" })];
    expect([...each.codebooks.keys()]).toEqual(["layers.0.codebook", "layers.1.codebook", "layers.2.codebook"]);
    expect([...shared.codebooks.keys()]).toEqual(["codebook"]);
    expect(logits(shared)).toEqual(logits(each));
    each.dispose();
    shared.dispose();
  });

  it("changes nothing before a plan applies: another plan of sentence j leaves earlier logits bit-equal", () => {
    const adapter = create({ skipLayers: 0 });
    const before = logits(adapter);
    [0, 2, 5].forEach((firstToken, sentence) => {
      const other = mixed.slice();
      other.splice(sentence * 3, 3, 0.9, 0, 0.1);
      const after = logits(adapter, other);
      expect(after.slice(0, firstToken * 11)).toEqual(before.slice(0, firstToken * 11));
      expect(after.slice(firstToken * 11, firstToken * 11 + 11)).not.toEqual(
        before.slice(firstToken * 11, firstToken * 11 + 11),
      );
    });
    adapter.dispose();
  });

  it("has gradients to plans, codebooks and projections that match central differences", () => {
    const adapter = create({ skipLayers: 1 });
    const w = tf.tidy(() => tf.variable(plans(mixed)));
    const direction = tf.tensor(normals(66), [1, 6, 11]);
    const loss = () =>
      tf.tidy(() => {
        const inject = adapter.injections(w as tf.Tensor as tf.Tensor3D, planOfToken());
        return tf.sum(tf.mul(direction, lm.logits(tokens(), { inject }))) as tf.Scalar;
      });
    const variables = new Map<string, tf.Variable>([["w", w], ...adapter.variables]);
    const { value, grads } = valueAndGrad(loss, variables);
    for (const name of ["w", "layers.1.codebook", "layers.2.codebook", "layers.2.weight", "layers.1.bias"]) {
      const variable = variables.get(name)!;
      const start = variable.dataSync().slice() as Float32Array;
      const gradient = grads.get(name)!.dataSync();
      for (const i of [0, Math.floor(start.length / 2), start.length - 1]) {
        const at = (shift: number) => {
          const moved = start.slice();
          moved[i]! += shift;
          tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
          return tf.tidy(() => loss().dataSync()[0]!);
        };
        const difference = (at(0.02) - at(-0.02)) / 0.04;
        at(0);
        expect(Math.abs(gradient[i]! - difference), `${name}[${i}]`).toBeLessThan(2e-3 + 2e-2 * Math.abs(difference));
      }
    }
    tf.dispose([value, ...grads.values(), w, direction]);
    adapter.dispose();
  });

  it("skips two layers by default, but never the last", () => {
    for (const [layers, skipped] of [
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 2],
    ] as const) {
      const model = modelOf(layers);
      const adapter = create({}, model);
      expect(adapter.config).toEqual({ site: "attentionHeads", skipLayers: skipped, codebook: "perLayer" });
      adapter.dispose();
      model.dispose();
    }
    expect(() => create({ skipLayers: 3 })).toThrow(ConfigError);
    expect(() => create({ skipLayers: 3 })).toThrow("must leave a layer, got skipLayers 3 and 3 layers");
    expect(() => create({ skipLayers: -1 })).toThrow(ValueError);
  });

  it("takes the width of grouped-query models from the model", () => {
    const model = modelOf(2, "llama");
    const adapter = create({}, model);
    expect(adapter.variables.get("layers.1.weight")!.shape).toEqual([4, 16]);
    adapter.dispose();
    model.dispose();
  });

  it("throws ShapeError for plans over another number of actions", () => {
    const adapter = create();
    tf.tidy(() => {
      expect(() => adapter.injections(tf.zeros([1, 3, 4]), planOfToken())).toThrow(ShapeError);
    });
    adapter.dispose();
  });

  it("reads back what it saved, and leaves no tensors behind", async () => {
    const directory = await mkdtemp(join(tmpdir(), "adapter-"));
    const adapter = create({ codebook: "shared", site: "mlpInput" });
    await adapter.save(directory);
    const before = tf.memory().numTensors;
    const copy = await ActionAdapter.load(directory, lm, codebook);
    expect(copy.config).toEqual(adapter.config);
    expect(logits(copy)).toEqual(logits(adapter));
    copy.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const other = codebookOf(normals(12), 4, "e");
    await expect(ActionAdapter.load(directory, lm, other)).rejects.toThrow(StateError);
    const shallow = modelOf(5);
    await expect(ActionAdapter.load(join(directory, "none"), shallow, codebook)).rejects.toThrow(
      "must hold a saved adapter",
    );
    await expect(ActionAdapter.load(directory, shallow, codebook)).rejects.toThrow(StateError);
    adapter.dispose();
    shallow.dispose();
    await rm(directory, { recursive: true });
  });
});
