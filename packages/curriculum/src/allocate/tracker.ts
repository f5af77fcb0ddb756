import { ValueError } from "@x/core";
import { checkEach, checkFilled, checkInteger, checkShare, checkValue } from "../checks.js";
import { checkState, sealState } from "../teacher/state.js";
import { type GvmPenalty, gvmAllocate } from "./gvm.js";
import type { AllocateOptions } from "./neyman.js";

/** What came of one iteration's draws of a prompt. */
export interface DrawReport {
  readonly prompt: string;
  readonly drawn: number;
  readonly accepted: number;
  /** Gradient norms of accepted answers, of as many as were looked at; one number stands for their root mean square. */
  readonly gradNorms?: ArrayLike<number>;
}

export interface AllocationTrackerOptions {
  /** Ids of the prompts, in the order of all lists. */
  readonly prompts: readonly string[];
  /** γ: what earlier iterations still count at each new report of a prompt; default 0.8. */
  readonly discount?: number;
  /** The Beta distribution of an accept rate before anything is known; default (½, ½). */
  readonly prior?: readonly [accepted: number, refused: number];
}

/** Saved state of an `AllocationTracker`. */
export interface AllocationTrackerState {
  readonly format: "x-curriculum/1";
  readonly type: string;
  readonly options: unknown;
  /** Of each prompt the discounted draws, accepted draws, norms and squares of norms. */
  readonly data: readonly (readonly [drawn: number, accepted: number, norms: number, squares: number])[];
  readonly checksum: number;
}

/** Learns how surely and how strongly prompts teach, and allocates the next draws by it. */
export interface AllocationTracker {
  /**
   * Takes in reports, each prompt at most once a call.
   *
   * @throws ValueError, before anything has changed, for an unknown or repeated prompt, counts that are no integers or
   * more accepted than drawn, and norms outside [0, 1e100] or more than were accepted.
   */
  tell(reports: readonly DrawReport[]): void;
  /** Smoothed rates and norms, for `gvmAllocate`. */
  estimates(): { readonly acceptRate: number[]; readonly gradNorm: number[] };
  /**
   * `gvmAllocate` of the estimates with at least `min` = 1 draw a prompt, so that none is given up, and at most `max` =
   * 8 times the mean, so that no outlier takes the budget.
   *
   * @throws ValueError as `gvmAllocate`.
   */
  allocate(options: AllocateOptions & GvmPenalty): number[];
  /** The whole state as plain JSON. */
  toJSON(): AllocationTrackerState;
}

type Known = AllocationTrackerState["data"][number];

/**
 * Carries GVM's estimates from iteration to iteration, so that no draws are spent on measuring alone.
 *
 *   S ← γ·S + new  for each count S of a reported prompt
 *   pᵢ = (a + acceptedᵢ) / (a + b + drawnᵢ),   Gᵢ = √(Σ g² / number of norms),  the median G where there is none yet
 *
 * Differs from the paper: there a first stage measures p and G afresh with 8 or 16 draws a prompt, and a prompt without an
 * accepted answer gets none.
 *
 * @param saved - state of a tracker made with the same options.
 * @throws ValueError for an option outside its domain and a prompt named twice.
 * @throws StateError for state that is damaged or was made with other options.
 * @paper 2505.02391 dynamic sample allocation
 */
export function createAllocationTracker(
  options: AllocationTrackerOptions,
  saved?: AllocationTrackerState,
): AllocationTracker {
  const type = "createAllocationTracker";
  const { prompts, discount = 0.8, prior = [0.5, 0.5] } = options;
  checkFilled(type, "prompts", prompts);
  const index = new Map(prompts.map((prompt, i) => [prompt, i]));
  for (const [i, prompt] of prompts.entries())
    checkValue(type, "prompts", prompt, "named once", index.get(prompt) === i, i);
  checkShare(type, "discount", discount);
  checkValue(type, "prior", prior.length, "two numbers", prior.length === 2);
  checkEach(type, "prior", prior, "finite and > 0", (a) => a > 0 && a < Infinity);
  const stated = { prompts, discount, prior };
  if (saved !== undefined) checkState(saved, type, stated);
  const known: Known[] = saved === undefined ? prompts.map(() => [0, 0, 0, 0]) : [...saved.data];

  function estimates() {
    const [a, b] = prior;
    const norms = known.map(([, , count, squares]) => (count > 0 ? Math.sqrt(squares / count) : undefined));
    const typical = median(norms.filter((norm) => norm !== undefined)) ?? 1;
    return {
      acceptRate: known.map(([drawn, accepted]) => (a + accepted) / (a + b + drawn)),
      gradNorm: norms.map((norm) => norm ?? typical),
    };
  }

  return {
    tell(reports) {
      const seen = new Set<string>();
      const updates = reports.map((report, i) => {
        const place = index.get(report.prompt);
        const again = seen.has(report.prompt);
        seen.add(report.prompt);
        if (place === undefined || again)
          throw new ValueError(
            `${type}.tell: prompt must be ${again ? "reported once" : "one of prompts"}, got ${report.prompt}`,
            { argument: "prompt", index: i, value: report.prompt },
          );
        return [place, learnt(known[place]!, checkReport(`${type}.tell`, report, i), discount)] as const;
      });
      for (const [place, update] of updates) known[place] = update;
    },
    estimates,
    allocate(allocation) {
      const { budget, cost, min = 1 } = allocation;
      const mean = budget / (cost === undefined ? prompts.length : Array.from(cost).reduce((sum, c) => sum + c, 0));
      const least = typeof min === "number" ? min : Array.from(min).reduce((a, b) => Math.max(a, b), 0);
      const max = allocation.max ?? Math.max(Math.ceil(8 * mean), least);
      return gvmAllocate(estimates(), { ...allocation, min, max });
    },
    toJSON: () => sealState({ type, options: stated, data: [...known] }),
  };
}

function checkReport(caller: string, report: DrawReport, i: number): DrawReport {
  const { drawn, accepted, gradNorms = [] } = report;
  checkInteger(caller, "drawn", drawn, 0, Infinity, i);
  checkInteger(caller, "accepted", accepted, 0, drawn, i);
  const most = gradNorms.length <= accepted;
  checkValue(caller, "gradNorms", gradNorms.length, `at most one for each of ${accepted} accepted`, most, i);
  for (let j = 0; j < gradNorms.length; j++) {
    const norm = gradNorms[j]!;
    checkValue(caller, "gradNorms", norm, "in [0, 1e100]", norm >= 0 && norm <= 1e100, i);
  }
  return report;
}

function learnt([drawn, accepted, count, squares]: Known, report: DrawReport, discount: number): Known {
  const norms = Array.from(report.gradNorms ?? []);
  return [
    discount * drawn + report.drawn,
    discount * accepted + report.accepted,
    discount * count + norms.length,
    norms.reduce((sum, norm) => sum + norm ** 2, discount * squares),
  ];
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((x, y) => x - y);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]
    : sorted.length === 0
      ? undefined
      : (sorted[half - 1]! + sorted[half]!) / 2;
}
