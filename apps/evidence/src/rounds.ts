import { setTimeout } from "node:timers/promises";

/** Every side is measured so often. */
const rounds = 6;

/** Before each measurement, in ms: threads of the side before that spin while they wait for work come to rest. */
const rest = 300;

/** Measures every side once a round, the order turned round from one round to the next. */
export async function interleave<Side extends string>(
  sides: Readonly<Record<Side, () => Promise<number>>>,
  say: (measured: Readonly<Record<Side, number>>) => void,
): Promise<Record<Side, number[]>> {
  const order = Object.keys(sides) as Side[];
  const of = <T>(value: (side: Side) => T) =>
    Object.fromEntries(order.map((side) => [side, value(side)])) as Record<Side, T>;
  const all = of(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? order : order.toReversed()) {
      await setTimeout(rest);
      all[side].push(await sides[side]());
    }
    say(of((side) => all[side].at(-1)!));
  }
  return all;
}
