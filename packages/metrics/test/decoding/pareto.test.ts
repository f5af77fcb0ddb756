import { type Direction, hypervolume, paretoFront } from "@x/metrics/decoding";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const costAndScore: Direction[] = ["minimise", "maximise"];
const coordinate = fc.integer({ min: 0, max: 6 }); // few values, so that ties and duplicates are common
const pairs = (maxLength: number) => fc.array(fc.tuple(coordinate, coordinate), { maxLength });
const directions = fc.tuple(
  fc.constantFrom<Direction>("minimise", "maximise"),
  fc.constantFrom<Direction>("minimise", "maximise"),
);

describe("paretoFront", () => {
  it("keeps what nothing dominates, in order", () => {
    const points = [
      [8, 0.6],
      [2, 0.3],
      [5, 0.4],
      [4, 0.5],
      [4, 0.45],
    ];
    expect(paretoFront(points, costAndScore)).toEqual([0, 1, 3]);
    expect(paretoFront(points, ["minimise", "minimise"])).toEqual([1]);
  });

  it("keeps the first of duplicates", () => {
    expect(
      paretoFront(
        [
          [1, 1],
          [2, 2],
          [1, 1],
          [2, 2],
        ],
        costAndScore,
      ),
    ).toEqual([0, 1]);
  });

  it("is empty only for no points", () => {
    expect(paretoFront([], costAndScore)).toEqual([]);
    expect(paretoFront([[3, 3]], costAndScore)).toEqual([0]);
  });

  it("covers every point, and none of it covers another, in any number of objectives", () => {
    const triple = fc.tuple(coordinate, coordinate, coordinate);
    const better: Direction[] = ["minimise", "maximise", "minimise"];
    const covers = (p: readonly number[], q: readonly number[]) => p[0]! <= q[0]! && p[1]! >= q[1]! && p[2]! <= q[2]!;
    fc.assert(
      fc.property(fc.array(triple, { maxLength: 30 }), (points) => {
        const front = paretoFront(points, better);
        expect(front).toEqual([...front].sort((a, b) => a - b));
        for (const point of points) expect(front.some((i) => covers(points[i]!, point))).toBe(true);
        for (const i of front) for (const j of front) expect(i !== j && covers(points[i]!, points[j]!)).toBe(false);
        for (const i of front) expect(points.findIndex((p) => p.every((x, d) => x === points[i]![d]))).toBe(i);
      }),
      { seed: 1 },
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => paretoFront([[1, 2], [1]], costAndScore), { argument: "points[1]", value: 1 });
    expectValueError(() => paretoFront([[1, Number.NaN]], costAndScore), { argument: "points[0]", index: 1 });
    expectValueError(() => paretoFront([[1]], []), { argument: "directions", value: 0 });
  });
});

describe("hypervolume", () => {
  it("equals the area by hand", () => {
    // Boxes up to cost 10 and score 0: [2, 10] × 0.3, [4, 10] × 0.5, [8, 10] × 0.6.
    const expected = 8 * 0.3 + 6 * 0.2 + 2 * 0.1;
    const points = [
      [8, 0.6],
      [2, 0.3],
      [4, 0.5],
      [5, 0.4],
    ];
    expectClose(hypervolume(points, [10, 0], costAndScore), expected, { rtol: 1e-14 });
  });

  it("equals inclusion–exclusion over at most 8 boxes", () => {
    fc.assert(
      fc.property(pairs(8), fc.tuple(coordinate, coordinate), directions, (points, reference, wanted) => {
        const signs = wanted.map((direction) => (direction === "minimise" ? 1 : -1));
        // The box of a set of points is what all of them dominate: from their worst to the reference.
        let area = 0;
        for (let set = 1; set < 2 ** points.length; set++) {
          const chosen = points.filter((_, i) => (set >> i) & 1);
          const sides = [0, 1].map((d) => {
            const worst = Math.max(...chosen.map((p) => signs[d]! * p[d]!));
            return Math.max(0, signs[d]! * reference[d]! - worst);
          });
          area += (chosen.length % 2 === 1 ? 1 : -1) * sides[0]! * sides[1]!;
        }
        expectClose(hypervolume(points, reference, wanted), area, { atol: 1e-12 });
      }),
      { seed: 2 },
    );
  });

  it("never falls with another point, and only the front matters", () => {
    fc.assert(
      fc.property(pairs(20), fc.tuple(coordinate, coordinate), directions, (points, more, wanted) => {
        const area = hypervolume(points, [3, 3], wanted);
        expect(hypervolume([...points, more], [3, 3], wanted)).toBeGreaterThanOrEqual(area);
        const front = paretoFront(points, wanted).map((i) => points[i]!);
        expectClose(hypervolume(front, [3, 3], wanted), area, { atol: 1e-12 });
      }),
      { seed: 3 },
    );
  });

  it("is 0 without points and for points that do not better the reference", () => {
    expect(hypervolume([], [1, 1], costAndScore)).toBe(0);
    expect(
      hypervolume(
        [
          [1, 5],
          [0, 1],
          [2, 2],
        ],
        [1, 1],
        costAndScore,
      ),
    ).toBe(0);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => hypervolume([[1, 2, 3]], [1, 1], costAndScore), { argument: "points[0]", value: 3 });
    expectValueError(() => hypervolume([[1, Infinity]], [1, 1], costAndScore), { argument: "points[0]", index: 1 });
    expectValueError(() => hypervolume([], [1, Number.NaN], costAndScore), { argument: "reference", index: 1 });
    expectValueError(() => hypervolume([], [1, 1, 1], costAndScore), { argument: "reference", value: 3 });
    expectValueError(() => hypervolume([], [1, 1], ["minimise"]), { argument: "directions", value: 1 });
  });
});
