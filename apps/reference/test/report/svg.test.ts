import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineChart, type Series } from "../../src/report/svg.js";

const axes = { x: "step", y: "nats" };
const numbers = (text: string) => [...text.matchAll(/-?\d+(?:\.\d+)?/g)].map(Number);

/** The places of everything drawn, `[x, y]`. */
function places(svg: string): [number, number][] {
  const lines = [...svg.matchAll(/<polyline[^>]* points="([^"]*)"/g)].flatMap(([, points]) =>
    points!.split(" ").map((point) => numbers(point) as [number, number]),
  );
  const dots = [...svg.matchAll(/<(?:circle|text)[^>]* c?x="([^"]*)" c?y="([^"]*)"/g)];
  return [...lines, ...dots.map(([, x, y]) => [Number(x), Number(y)] as [number, number])];
}

const line = (name: string, ...points: [number, number][]): Series => ({ name, points });

/** The text of the labels below the axis (`middle`) or beside it (`end`). */
const labels = (svg: string, anchor: "middle" | "end") =>
  [...svg.matchAll(new RegExp(`<text x="[^"]*" y="[^"]*" text-anchor="${anchor}">([^<]*)<`, "g"))].map((m) => m[1]!);

describe("lineChart", () => {
  it("draws every point inside the viewBox, whatever the numbers", () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const series = fc.array(fc.array(fc.tuple(value, value), { maxLength: 8 }), { maxLength: 10 });
    fc.assert(
      fc.property(series, (lines) => {
        const svg = lineChart(
          lines.map((points, i) => line(`${i}`, ...points)),
          axes,
        );
        const [, , width, height] = numbers(/viewBox="([^"]*)"/.exec(svg)![1]!);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        for (const [x, y] of places(svg)) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(width!);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(height!);
        }
      }),
    );
  });

  it("keeps the proportions of the numbers: greater x to the right, greater y up", () => {
    const [a, b, c] = places(lineChart([line("a", [0, 1], [5, 2], [10, 5])], axes));
    expect(c![0]).toBeGreaterThan(a![0]);
    expect(c![1]).toBeLessThan(a![1]);
    expect((b![0] - a![0]) / (c![0] - a![0])).toBeCloseTo(1 / 2, 2);
    expect((b![1] - a![1]) / (c![1] - a![1])).toBeCloseTo(1 / 4, 2);
  });

  it("labels the axes with round numbers inside their range", () => {
    const svg = lineChart([line("a", [12_340, 0.1], [12_351, 0.55])], axes);
    expect(labels(svg, "end")).toEqual(["0.1", "0.2", "0.3", "0.4", "0.5"]);
    expect(labels(svg, "middle").slice(0, -1)).toEqual(["12340", "12345", "12350"]);
  });

  it("shows a series of one point as a dot in the middle", () => {
    const svg = lineChart([line("a", [3, 4])], axes);
    expect(svg).not.toContain("<polyline");
    expect(svg).toMatch(/<circle [^>]*cx="342.0" cy="136.0"\/>/);
  });

  it("leaves out series without points and points that are no numbers, and has axes even so", () => {
    const holes = line("holes", [1, 1], [2, Number.NaN], [3, Number.POSITIVE_INFINITY], [4, 2]);
    const svg = lineChart([line("empty"), holes], axes);
    expect(svg.match(/points="([^"]*)"/)?.[1]?.split(" ")).toHaveLength(2);
    expect(svg).not.toContain("empty");
    expect(labels(lineChart([], axes), "end")).toContain("0");
  });

  it("names every series in the legend in the colour of its line, and escapes what it is told", () => {
    const evil = `"><script>`;
    const svg = lineChart([line(evil, [0, 0], [1, 1]), line("b", [0, 1], [1, 0])], { x: evil, y: evil });
    expect(svg).not.toContain("<script");
    const strokes = [...svg.matchAll(/<polyline[^>]* stroke="([^"]*)"/g)].map(([, colour]) => colour);
    const keys = [...svg.matchAll(/<i style="background:([^"]*)"><\/i>([^<]*)</g)];
    expect(keys.map(([, colour]) => colour)).toEqual(strokes);
    expect(keys.map(([, , name]) => name)).toEqual(["&#34;&#62;&#60;script&#62;", "b"]);
  });
});
