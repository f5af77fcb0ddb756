import { StateError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AllocationTrackerState, createAllocationTracker, gvmAllocate } from "../../src/allocate/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const prompts = ["a", "b", "c", "d"];

describe("createAllocationTracker", () => {
  it("starts from the prior, with equal draws for all", () => {
    const tracker = createAllocationTracker({ prompts });
    expect(tracker.estimates()).toEqual({ acceptRate: [0.5, 0.5, 0.5, 0.5], gradNorm: [1, 1, 1, 1] });
    expect(tracker.allocate({ budget: 12 })).toEqual([3, 3, 3, 3]);
  });

  it("has the posterior mean of its Beta prior, the root mean square of norms, and their median where none is known", () => {
    const tracker = createAllocationTracker({ prompts });
    tracker.tell([
      { prompt: "a", drawn: 8, accepted: 2, gradNorms: [3, 5] },
      { prompt: "c", drawn: 8, accepted: 8, gradNorms: [1] },
      { prompt: "d", drawn: 8, accepted: 0 },
    ]);
    const { acceptRate, gradNorm } = tracker.estimates();
    expectClose(acceptRate, [2.5 / 9, 0.5, 8.5 / 9, 0.5 / 9], { rtol: 1e-15 });
    expectClose(gradNorm, [Math.sqrt(17), (Math.sqrt(17) + 1) / 2, 1, (Math.sqrt(17) + 1) / 2], { rtol: 1e-15 });
  });

  it("discounts what it knew of a prompt at each report, so that n iterations ago counts γⁿ", () => {
    const tracker = createAllocationTracker({ prompts: ["a"], discount: 0.8, prior: [1, 2] });
    const told = [
      { drawn: 4, accepted: 4, gradNorms: [2, 2] },
      { drawn: 6, accepted: 1, gradNorms: [5] },
      { drawn: 0, accepted: 0 },
    ];
    for (const report of told) tracker.tell([{ prompt: "a", ...report }]);
    const { acceptRate, gradNorm } = tracker.estimates();
    const [accepted, drawn] = [0.64 * 4 + 0.8 * 1, 0.64 * 4 + 0.8 * 6];
    expectClose(acceptRate, [(1 + accepted) / (3 + drawn)], { rtol: 1e-15 });
    expectClose(gradNorm, [Math.sqrt((0.64 * 8 + 0.8 * 25) / (0.64 * 2 + 0.8))], { rtol: 1e-15 });
  });

  it("finds the rates when reports repeat", () => {
    const tracker = createAllocationTracker({ prompts: ["a"], prior: [1e-6, 1e-6] });
    for (let i = 0; i < 60; i++) tracker.tell([{ prompt: "a", drawn: 10, accepted: 3 }]);
    expectClose(tracker.estimates().acceptRate, [0.3], { rtol: 1e-6 });
  });

  it("allocates as gvmAllocate of its estimates, at least 1 and at most 8 means to each", () => {
    const many = Array.from({ length: 20 }, (_, i) => `p${i}`);
    const tracker = createAllocationTracker({ prompts: many });
    tracker.tell([
      { prompt: "p0", drawn: 8, accepted: 1, gradNorms: [1e6] },
      { prompt: "p1", drawn: 8, accepted: 1, gradNorms: [1e-6] },
      { prompt: "p2", drawn: 8, accepted: 1, gradNorms: [1] },
    ]);
    const counts = tracker.allocate({ budget: 100 });
    expect(counts.slice(0, 2)).toEqual([40, 1]);
    expect(counts).toEqual(gvmAllocate(tracker.estimates(), { budget: 100, min: 1, max: 40 }));
    const free = { budget: 100, min: 0, max: 100, rounding: "none", alpha: 0, beta: 1 } as const;
    expect(tracker.allocate(free)).toEqual(gvmAllocate(tracker.estimates(), free));
    const cost = many.map((_, i) => 1 + (i % 2));
    const limits = { budget: 300, cost, min: many.map((_, i) => i % 3) };
    expect(tracker.allocate(limits)).toEqual(gvmAllocate(tracker.estimates(), { ...limits, max: 80 }));
  });

  it("does not care how the reports of one iteration are cut up or ordered", () => {
    const reports = prompts.map((prompt, i) => ({ prompt, drawn: 5, accepted: i, gradNorms: i > 0 ? [i] : [] }));
    const [whole, cut] = [createAllocationTracker({ prompts }), createAllocationTracker({ prompts })];
    for (let round = 0; round < 3; round++) {
      whole.tell(reports);
      for (const report of [...reports].reverse()) cut.tell([report]);
    }
    expect(cut.toJSON()).toEqual(whole.toJSON());
  });

  it("goes on from its JSON bit for bit", () => {
    const report = fc.record({
      prompt: fc.constantFrom(...prompts),
      drawn: fc.integer({ min: 4, max: 9 }),
      accepted: fc.integer({ min: 1, max: 4 }),
      gradNorms: fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { maxLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 30 }), fc.nat(30), (reports, cut) => {
        const whole = createAllocationTracker({ prompts });
        const before = createAllocationTracker({ prompts });
        for (const one of reports) whole.tell([one]);
        for (const one of reports.slice(0, cut)) before.tell([one]);
        const after = createAllocationTracker({ prompts }, JSON.parse(JSON.stringify(before)));
        for (const one of reports.slice(cut)) after.tell([one]);
        expect(JSON.stringify(after)).toBe(JSON.stringify(whole));
        expect(after.allocate({ budget: 50 })).toEqual(whole.allocate({ budget: 50 }));
      }),
    );
  });

  it.each([
    ["an unknown prompt", { prompt: "z", drawn: 1, accepted: 0 }, { argument: "prompt", index: 1, value: "z" }],
    ["a prompt reported twice", { prompt: "a", drawn: 1, accepted: 0 }, { argument: "prompt", index: 1, value: "a" }],
    ["half a draw", { prompt: "b", drawn: 0.5, accepted: 0 }, { argument: "drawn", index: 1, value: 0.5 }],
    ["more accepted than drawn", { prompt: "b", drawn: 1, accepted: 2 }, { argument: "accepted", index: 1, value: 2 }],
    [
      "more norms than accepted",
      { prompt: "b", drawn: 1, accepted: 0, gradNorms: [1] },
      { argument: "gradNorms", index: 1, value: 1 },
    ],
    [
      "a norm that is NaN",
      { prompt: "b", drawn: 2, accepted: 2, gradNorms: [1, Number.NaN] },
      { argument: "gradNorms", index: 1, value: Number.NaN },
    ],
  ])("refuses %s and stays as it was", (_, report, details) => {
    const tracker = createAllocationTracker({ prompts });
    tracker.tell([{ prompt: "a", drawn: 3, accepted: 1 }]);
    const before = JSON.stringify(tracker);
    expectValueError(() => tracker.tell([{ prompt: "a", drawn: 2, accepted: 2, gradNorms: [7] }, report]), details);
    expect(JSON.stringify(tracker)).toBe(before);
  });

  it("refuses options outside their domain", () => {
    const create = (options: object) => () => createAllocationTracker({ prompts, ...options });
    expectValueError(create({ prompts: [] }), { argument: "prompts", value: 0 });
    expectValueError(create({ prompts: ["a", "b", "a"] }), { argument: "prompts", index: 0, value: "a" });
    expectValueError(create({ discount: 1.1 }), { argument: "discount", value: 1.1 });
    expectValueError(create({ prior: [1, 0] }), { argument: "prior", index: 1, value: 0 });
    expectValueError(create({ prior: [1] }), { argument: "prior", value: 1 });
    const tracker = createAllocationTracker({ prompts });
    expectValueError(() => tracker.allocate({ budget: 3 }), { argument: "budget", value: 3 }); // Σ min = 4
    expectValueError(() => tracker.allocate({ budget: Number.NaN }), { argument: "budget", value: Number.NaN });
  });

  it("refuses state that was changed or made with other options", () => {
    const state: AllocationTrackerState = JSON.parse(JSON.stringify(createAllocationTracker({ prompts })));
    const take =
      (saved: AllocationTrackerState, discount = 0.8) =>
      () =>
        createAllocationTracker({ prompts, discount }, saved);
    expect(take({ ...state, data: [[1, 1, 0, 0], ...state.data.slice(1)] })).toThrow(StateError);
    expect(take({ ...state, type: "createSec" })).toThrow('type "createAllocationTracker", got "createSec"');
    expect(take(state, 0.9)).toThrow("state was made with discount = 0.8, not 0.9");
  });
});
