import { eta, rateMeter } from "@x/metrics/throughput";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

/** A meter whose clock is set by hand, in seconds. */
function metered(window: number, start = 5000) {
  let now = start;
  const meter = rateMeter({ clock: () => now, window });
  const at = (seconds: number) => {
    now = start + 1000 * seconds;
    return meter;
  };
  return { at };
}

describe("rateMeter", () => {
  it("meets a steady rate by every measure, from the first second on", () => {
    const { at } = metered(10);
    for (let t = 0.1; t < 40; t += 0.1) {
      at(t).add(5);
      if (t < 1) continue;
      const { mean, recent, smoothed } = at(t).value();
      expectClose([mean, recent, smoothed], [50, 50, 50], { rtol: 0.1 });
    }
  });

  it("forgets in its window and fades in its smoothing what the mean keeps", () => {
    const { at } = metered(10);
    at(1).add(100);
    at(2).add(50);
    expect(at(4).value()).toMatchObject({ total: 150, seconds: 4, mean: 37.5, recent: 37.5 });
    expect(at(11).value()).toMatchObject({ mean: 150 / 11, recent: 5 });
    expect(at(20).value()).toMatchObject({ mean: 7.5, recent: 0 });
    expectClose(at(20).value().smoothed, (100 * Math.exp(-1.9) + 50 * Math.exp(-1.8)) / (10 * (1 - Math.exp(-2))), {
      rtol: 1e-12,
    });
  });

  it("smooths alike however often it is read, and shifts with the clock", () => {
    const counts = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 9 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(counts, (events) => {
        const [often, once] = [metered(3.03), metered(3.03, -7e8)]; // nothing happens just when something else leaves the window
        let time = 0;
        for (const [tenths, count] of events) {
          time += tenths / 10;
          often.at(time - 0.05).value();
          often.at(time).add(count);
          once.at(time).add(count);
        }
        const [a, b] = [often.at(time + 1).value(), once.at(time + 1).value()];
        expectClose(Object.values(a), Object.values(b), { rtol: 1e-6, atol: 1e-9 });
      }),
    );
  });

  it("has no rate before time has passed, and measures real time by default", () => {
    expect(metered(10).at(0).value()).toEqual({ total: 0, seconds: 0, mean: NaN, recent: NaN, smoothed: NaN });
    const meter = rateMeter();
    meter.add(3);
    for (const start = performance.now(); performance.now() < start + 2; );
    expect(meter.value().seconds).toBeGreaterThan(0.0015);
    expect(meter.value().mean).toBeGreaterThan(0);
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => rateMeter({ window: 0 }), { argument: "window", value: 0 });
    const { at } = metered(10);
    for (const count of [-1, Number.NaN, Infinity])
      expectValueError(() => at(1).add(count), { argument: "count", value: count });
    at(2).add(1);
    expectValueError(() => at(1).value(), { argument: "clock", value: 1 });
    expect(at(2).value().total).toBe(1);
  });
});

describe("eta", () => {
  it("is the rest over the rate", () => {
    expect(eta(300, 20)).toBe(15);
    expect(eta(0, 20)).toBe(0);
    expect(eta(0, 0)).toBe(0);
    expect(eta(5, 0)).toBe(Infinity);
    expect(eta(5, NaN)).toBeNaN();
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => eta(-1, 1), { argument: "remaining", value: -1 });
    expectValueError(() => eta(NaN, 1), { argument: "remaining" });
    expectValueError(() => eta(1, -2), { argument: "rate", value: -2 });
  });
});
