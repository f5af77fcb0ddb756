import { createRng, type Rng } from "@x/core";

/** An addition: what is asked, and its answer. */
export interface Sum {
  readonly question: string;
  readonly answer: string;
}

/** The characters of {@link textOf}. */
export const alphabet = "\n0123456789+=()[]{}";

const brackets = ["()", "[]", "{}"] as const;
const digits = (x: number) => `${x}`.padStart(2, "0");

/** All additions a + b < 100, the last digit of the sum first, as one adds by hand: 37+48=58. */
const sums = Array.from({ length: 100 }, (_, a) =>
  Array.from({ length: 100 - a }, (_, b): Sum => {
    const answer = [...digits(a + b)].reverse().join("");
    return { question: `${digits(a)}+${digits(b)}=`, answer };
  }),
).flat();
const shuffled = createRng("sums-and-brackets").shuffle(sums);

/** Additions that no text has: 256 of the 5,050. */
export const heldOutSums: readonly Sum[] = shuffled.slice(0, 256);
const textSums = shuffled.slice(256);

/** A balanced string of three kinds of brackets: it opens or closes next by equal chances, where it can do both. */
export function balanced(pairs: number, rng: Rng): string {
  const open: string[] = [];
  let text = "";
  for (let left = pairs; left > 0 || open.length > 0; ) {
    if (left > 0 && (open.length === 0 || rng.int(2) === 0)) {
      const [opening, closing] = brackets[rng.int(3)]!;
      open.push(closing!);
      text += opening;
      left--;
    } else text += open.pop();
  }
  return text;
}

/**
 * So many lines of eight characters, after an empty one: three of four are additions that are not held out, the others
 * balanced strings of four pairs.
 */
export function textOf(lines: number, rng: Rng): string {
  const line = () => {
    if (rng.int(4) === 0) return balanced(4, rng);
    const { question, answer } = textSums[rng.int(textSums.length)]!;
    return question + answer;
  };
  return `\n${Array.from({ length: lines }, () => `${line()}\n`).join("")}`;
}
