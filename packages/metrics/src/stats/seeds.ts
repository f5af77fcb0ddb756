import { ValueError } from "@x/core";
import { checkBetween, checkFilled } from "../checks.js";
import { mean, variance } from "./moments.js";
import { normalQuantile } from "./normal.js";

/** The results of one group over all seeds. */
export interface SeedGroup {
  readonly by: string;
  /** One value for each of the table's `seeds`, in that order: ready for `pairedBootstrap` against another group. */
  readonly values: Float64Array;
  readonly mean: number;
  /** Between seeds, divisor n − 1; NaN for a single seed. */
  readonly standardDeviation: number;
}

/** Results by group and seed; every cell is filled. */
export interface SeedTable {
  readonly seeds: readonly (number | string)[];
  readonly groups: readonly SeedGroup[];
}

/**
 * Arranges results into groups × seeds, refusing to average over what is missing.
 *
 * A group that lacks the seeds on which others failed looks better than it is, so a missing cell is an error.
 *
 * @param rows - results in any order; groups and seeds keep the order of their first appearance.
 * @param columns - how to read the group (task, method), the seed and the value of a row.
 * @throws ValueError whose `value` lists the missing `{ by, seed }` cells; for an empty list; for a cell given twice or a
 *   value that is not finite, with the row's index.
 */
export function aggregateSeeds<Row>(
  rows: readonly Row[],
  columns: {
    readonly by: (row: Row) => string;
    readonly seed: (row: Row) => number | string;
    readonly value: (row: Row) => number;
  },
): SeedTable {
  checkFilled("aggregateSeeds", "rows", rows);
  const cells = new Map<string, Map<number | string, number>>();
  const seeds = new Set<number | string>();
  rows.forEach((row, index) => {
    const by = columns.by(row);
    const seed = columns.seed(row);
    const value = columns.value(row);
    const group = cells.get(by) ?? new Map<number | string, number>();
    if (!Number.isFinite(value))
      throw new ValueError(
        `aggregateSeeds: value of rows[${index}] (${by}, seed ${seed}) must be finite, got ${value}`,
        {
          argument: "rows",
          index,
          value,
        },
      );
    if (group.has(seed))
      throw new ValueError(`aggregateSeeds: rows[${index}] must not repeat (${by}, seed ${seed})`, {
        argument: "rows",
        index,
        value,
      });
    cells.set(by, group.set(seed, value));
    seeds.add(seed);
  });

  const missing = [...cells].flatMap(([by, group]) =>
    [...seeds].filter((seed) => !group.has(seed)).map((seed) => ({ by, seed })),
  );
  if (missing.length > 0)
    throw new ValueError(
      `aggregateSeeds: every group needs every seed, missing ${missing.map(({ by, seed }) => `(${by}, seed ${seed})`).join(", ")}`,
      { argument: "rows", value: missing },
    );
  const groups = [...cells].map(([by, group]) => {
    const values = Float64Array.from(seeds, (seed) => group.get(seed)!);
    const standardDeviation = values.length > 1 ? Math.sqrt(variance(values)) : Number.NaN;
    return { by, values, mean: mean(values), standardDeviation };
  });
  return { seeds: [...seeds], groups };
}

/**
 * How many seeds a two-sided t-test needs to see an effect (Guenther's correction of the normal approximation).
 *
 *   paired:       n = (z_α + z_β)²/d² + z_α²/2
 *   independent:  n = 2(z_α + z_β)²/d² + z_α²/4 in each group
 *
 * with d = |effect|/standardDeviation, z_α = Φ⁻¹((1 + level)/2), z_β = Φ⁻¹(power), rounded up.
 *
 * @param effect - the difference of means that must not be missed.
 * @param standardDeviation - of the differences when paired, of each group when independent.
 * @param options - `power`: chance of seeing the effect, default 0.8; `level`: 1 − the chance of a false alarm, default
 *   0.95; `design`: default `paired`, the same seeds on both sides.
 * @throws ValueError for an effect of 0, a deviation ≤ 0, or a power or level outside (0, 1).
 */
export function requiredSeeds(
  effect: number,
  standardDeviation: number,
  options: { readonly power?: number; readonly level?: number; readonly design?: "paired" | "independent" } = {},
): number {
  const { power = 0.8, level = 0.95, design = "paired" } = options;
  checkBetween("requiredSeeds", "effect", Math.abs(effect), 0, Infinity);
  checkBetween("requiredSeeds", "standardDeviation", standardDeviation, 0, Infinity);
  checkBetween("requiredSeeds", "power", power, 0, 1);
  checkBetween("requiredSeeds", "level", level, 0, 1);
  const za = -normalQuantile((1 - level) / 2);
  const squared = ((za + normalQuantile(power)) * standardDeviation) ** 2 / effect ** 2;
  return Math.max(2, Math.ceil(design === "paired" ? squared + za ** 2 / 2 : 2 * squared + za ** 2 / 4));
}
