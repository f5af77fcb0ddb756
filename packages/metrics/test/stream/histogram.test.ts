import { StateError } from "@x/core";
import { Histogram } from "@x/metrics/stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/stream.json" with { type: "json" };

const edges = [-2, -0.5, 0, 1, 3];
const list = fc.array(
  fc.integer({ min: -8, max: 8 }).map((x) => x / 2),
  { maxLength: 20 },
);

describe("Histogram", () => {
  it("counts as numpy, and what lies outside apart", () => {
    for (const { edges, values, counts } of fixtures.histograms) {
      const found = new Histogram(edges).addMany(values).value();
      expect(found.counts).toEqual(Float64Array.from(counts));
      expect(found.below).toBe(values.filter((x) => x < edges[0]!).length);
      expect(found.above).toBe(values.filter((x) => x > edges.at(-1)!).length);
      expect(found.edges).toEqual(Float64Array.from(edges));
    }
  });

  it("gives an edge to the bin above it, the last edge to the last bin", () => {
    const found = new Histogram(edges);
    for (const x of [...edges, -Infinity, Infinity]) found.add(x);
    expect(found.value()).toMatchObject({ counts: Float64Array.of(1, 1, 1, 2), below: 1, above: 1 });
  });

  it("merges any split to the histogram of all values", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const merged = new Histogram(edges).addMany(a).merge(new Histogram(edges).addMany(b));
        expect(merged.toJSON()).toEqual(new Histogram(edges).addMany([...b, ...a]).toJSON());
      }),
    );
  });

  it("continues from its JSON", () => {
    const before = new Histogram(edges).addMany([0, 1, 2, 9]);
    const after = Histogram.fromJSON(JSON.parse(JSON.stringify(before)));
    for (const histogram of [before, after]) histogram.add(-9);
    expect(after.toJSON()).toEqual(before.toJSON());
  });

  it("hands out copies", () => {
    const histogram = new Histogram(edges).add(0);
    histogram.value().counts.fill(9);
    histogram.value().edges.fill(9);
    expect(histogram.value()).toMatchObject({ counts: Float64Array.of(0, 0, 1, 0), edges: Float64Array.from(edges) });
  });

  it("refuses bad edges and values, other edges and foreign state", () => {
    expectValueError(() => new Histogram([1]), { argument: "edges", value: 1 });
    expectValueError(() => new Histogram([0, 1, 1]), { argument: "edges", index: 2, value: 1 });
    expectValueError(() => new Histogram([0, Infinity]), { argument: "edges", index: 1 });
    const histogram = new Histogram([0, 1]);
    expectValueError(() => histogram.add(Number.NaN), { argument: "value" });
    expectValueError(() => histogram.addMany([0.5, Number.NaN]), { argument: "values", index: 1 });
    expectValueError(() => histogram.merge(new Histogram([0, 2])), { argument: "other.edges", value: [0, 2] });
    expectValueError(() => histogram.merge(new Histogram([0, 1, 2])), { argument: "other.edges" });
    expect(histogram.value().counts).toEqual(Float64Array.of(0));
    const state = histogram.toJSON();
    const changes = [
      { version: 2 },
      { edges: [1, 0] },
      { edges: [0] },
      { edges: "01" },
      { counts: [0, 0] },
      { counts: [0, -1, 0] },
      { counts: [0, 0.5, 0] },
    ];
    for (const bad of [null, {}, ...changes.map((change) => ({ ...state, ...change }))])
      expect(() => Histogram.fromJSON(bad)).toThrow(StateError);
  });
});
