import { checkFilled, checkFinite, checkLength, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/** Whether less or more of an objective is better. */
export type Direction = "minimise" | "maximise";

/**
 * The points that no other point dominates: none is at least as good in every objective and better in one.
 *
 * @param points - `[N]` lists of objectives, such as `[nfe, accuracy]`.
 * @param directions - one for each objective, such as `["minimise", "maximise"]`.
 * @returns indices in ascending order; of equal points the first.
 * @throws ValueError for no objectives, lists of different lengths, or a number that is not finite.
 */
export function paretoFront(points: readonly Vec[], directions: readonly Direction[]): number[] {
  const costs = asCosts("paretoFront", points, directions);
  const beaten = (i: number) => costs.some((other, j) => j !== i && dominates(other, costs[i]!, j < i));
  return [...costs.keys()].filter((i) => !beaten(i));
}

/**
 * The area that points in two objectives dominate, up to a reference point: one figure for a whole front.
 *
 *   area of ⋃ₚ {z : p is at least as good as z, z at least as good as the reference}
 *
 * A sweep over the first objective. Points that do not better the reference in both objectives add nothing.
 *
 * @param points - `[N]` pairs; dominated ones do no harm.
 * @param reference - a pair, the worst that counts; the same for all fronts that are compared.
 * @param directions - of both objectives.
 * @returns 0 for no points.
 * @throws ValueError for other than two objectives, or a number that is not finite.
 */
export function hypervolume(points: readonly Vec[], reference: Vec, directions: readonly Direction[]): number {
  checkLength("hypervolume", "directions", directions, "a pair", 2);
  checkLength("hypervolume", "reference", reference, "a pair", 2);
  checkFinite("hypervolume", "reference", reference);
  const [worst] = asCosts("hypervolume", [reference], directions);
  const [worstX, worstY] = [worst![0]!, worst![1]!];
  const inside = asCosts("hypervolume", points, directions)
    .filter((p) => p[0]! < worstX && p[1]! < worstY)
    .sort((p, q) => p[0]! - q[0]!);
  let lowest = worstY;
  const slabs = inside.map((p) => {
    const height = Math.max(0, lowest - p[1]!);
    lowest -= height;
    return (worstX - p[0]!) * height;
  });
  return compensatedSum(slabs);
}

/** The points with every objective to be minimised. */
function asCosts(caller: string, points: readonly Vec[], directions: readonly Direction[]): Float64Array[] {
  checkFilled(caller, "directions", directions);
  return points.map((point, i) => {
    checkFinite(caller, `points[${i}]`, point);
    checkLength(caller, `points[${i}]`, point, "directions", directions.length);
    return Float64Array.from(point, (x, d) => (directions[d] === "minimise" ? x : -x));
  });
}

/** Whether p is nowhere worse than q and somewhere better, or equal to it where `orEqual`. */
function dominates(p: Float64Array, q: Float64Array, orEqual: boolean): boolean {
  return p.every((x, d) => x <= q[d]!) && (orEqual || p.some((x, d) => x < q[d]!));
}
