import { checkFilled } from "../checks.js";

/**
 * One arm for every combination of features, such as difficulty and type. An arm is the JSON array of its features, which
 * no choice of names can make ambiguous; `JSON.parse(ticket.task)` gives them back.
 *
 * @param features - the values of each feature; the last one varies fastest.
 * @throws ValueError when there is no feature, or one without values.
 */
export function jointArms(...features: readonly (readonly (string | number)[])[]): string[] {
  checkFilled("jointArms", "features", features);
  let rows: (string | number)[][] = [[]];
  for (const values of features) {
    checkFilled("jointArms", "features", values);
    rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  }
  return rows.map((row) => JSON.stringify(row));
}
