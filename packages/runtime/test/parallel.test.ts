import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { jit } from "../src/jit.js";
import { balanced, lanes } from "../src/parallel.js";

// `parallel` itself: while-loop.test.ts, beside the other thing that becomes a function of its own.

describe("balanced", () => {
  it("deals every item out once, into parts that differ by no more than the largest item", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 8 }), (sizes, count) => {
        const items = sizes.map((size, id) => ({ id, size }));
        const parts = balanced(items, count, ({ size }) => size);
        expect(parts).toHaveLength(Math.min(count, items.length));
        expect(parts.flat().toSorted((a, b) => a.id - b.id)).toEqual(items);
        const totals = parts.map((part) => part.reduce((sum, { size }) => sum + size, 0));
        expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(Math.max(...sizes));
      }),
    );
  });
});

describe("lanes", () => {
  it("is the number of cores where there are programs, inside of one and outside, else 1", () => {
    const inside = jit(() => tf.scalar(lanes()))();
    const expected = tf.getBackend() === "tensorflow" ? availableParallelism() : 1;
    expect(lanes()).toBe(expected);
    expect(inside.dataSync()[0]).toBe(expected);
    inside.dispose();
  });

  it("is 1 where programs are switched off", () => {
    vi.stubEnv("X_JIT", "off");
    expect(lanes()).toBe(1);
    vi.unstubAllEnvs();
  });
});
