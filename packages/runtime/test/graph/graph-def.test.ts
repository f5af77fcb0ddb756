import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { savedModel } from "../../src/graph/graph-def.js";
import { comparable } from "./comparable.js";
import { decode, graphDef, type Message, savedModelDef } from "./decode.js";
import { functions, nodes } from "./example-graph.js";

const model = decode(savedModelDef, savedModel(nodes, functions)) as {
  schemaVersion: number;
  metaGraphs: { info: { tags: string[] }; graph: Uint8Array }[];
};
const graph = decode(graphDef, model.metaGraphs[0]!.graph);

describe("savedModel", () => {
  it("is one graph tagged serve, for libraries from 2.9 on", () => {
    expect(model.schemaVersion).toBe(1);
    expect(model.metaGraphs.map(({ info }) => info.tags)).toEqual([["serve"]]);
    expect(graph.versions).toEqual({ producer: 1087 });
  });

  it("says what TensorFlow says after reading it", () => {
    const said = decode(graphDef, readFileSync(join(import.meta.dirname, "example-graph.pb")));
    expect(comparable(graph)).toEqual(comparable(said));
  });

  it("writes each attribute as the value that was given", () => {
    const attributes = new Map((graph.node as Message[]).map(({ name, attr }) => [name, attr as Message[]]));
    const at = (node: string, key: string) => attributes.get(node)!.find((entry) => entry.key === key)!.value;
    expect(at("unpack", "axis")).toEqual({ i: -2 });
    expect(at("leaky", "alpha")).toEqual({ f: Number.NaN });
    expect(at("squeezeAll", "squeeze_dims")).toEqual({ list: { s: [], i: [], type: [], shape: [] } });
    expect(at("squeeze", "squeeze_dims")).toEqual({ list: { s: [], i: [-1], type: [], shape: [] } });
    expect(at("named", "shared_name")).toEqual({ s: "größe 漢字 😀" });
    expect(at("p", "shape")).toEqual({ shape: { dim: [{ size: 2 }, { size: -1 }] } });
    expect(at("product", "transpose_b")).toEqual({ b: 0 });
    expect(at("outerCall", "f")).toEqual({ func: { name: "outer", attr: [] } });
  });

  it("writes the values of a tensor that is a part of a longer array, and no others", () => {
    const part = (graph.node as Message[]).find(({ name }) => name === "part")!.attr as Message[];
    const { value } = part.find(({ key }) => key === "value") as { value: { tensor: { content: Uint8Array } } };
    expect(value.tensor.content).toEqual(new Uint8Array(Float32Array.of(1, 2).buffer));
  });
});
