import { ValueError } from "@x/core";

/**
 * Refuses what is no token of a vocabulary.
 *
 * @param caller - the function that the message names.
 * @param row - the row that the message names, for tokens that are one of several rows.
 * @throws ValueError naming the position of the first token outside 0 … vocabSize − 1.
 */
export function checkTokens(caller: string, tokens: ArrayLike<number>, vocabSize: number, row?: number): void {
  for (let position = 0; position < tokens.length; position++) {
    const token = tokens[position]!;
    if (Number.isInteger(token) && token >= 0 && token < vocabSize) continue;
    const where = row === undefined ? `position ${position}` : `row ${row}, position ${position}`;
    throw new ValueError(`${caller}: tokens must be integers in [0, ${vocabSize}), got ${token} at ${where}`, {
      argument: "tokens",
      index: position,
      value: token,
    });
  }
}
