import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interleave } from "./rounds.js";
import type { Worker } from "./worker.js";

/** What a worker answers to `NAME COUNT`: CPU time of a call in ms, and what the last call gave. */
export interface Calls<T> {
  readonly ms: number;
  readonly value: T;
}

/** The rounds of both sides, and the last value of each. */
export interface Sides<T> {
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  readonly values: readonly [ours: T, peer: T];
}

/**
 * Times a call on both sides in turn, the first of the two changing from round to round; each side has a round before
 * that does not count.
 *
 * @param calls - how many calls make a round of ours and of the peer.
 */
export async function interleaveCalls<T>(
  workers: { readonly ours: Worker; readonly peer: Worker },
  name: string,
  calls: { readonly ours: number; readonly peer: number },
  say: (line: string) => void,
): Promise<Sides<T>> {
  const last: { ours?: T; peer?: T } = {};
  const time = (side: "ours" | "peer") => async () => {
    const { ms, value } = await workers[side].ask<Calls<T>>(`${name} ${calls[side]}`);
    last[side] = value;
    return ms;
  };
  const sides = { ours: time("ours"), peer: time("peer") };
  for (const run of Object.values(sides)) await run();
  const times = await interleave(sides, ({ ours, peer }) =>
    say(`${name}: ${ours.toPrecision(3)} and ${peer.toPrecision(3)} ms of CPU time a call`),
  );
  return { ...times, values: [last.ours!, last.peer!] };
}

/** Runs `use` with a folder that holds the files that both sides read. */
export async function withFiles<R>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => Promise<R>,
): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), "x-bench-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @throws Error unless both sides computed the same, to a relative tolerance. */
export function assertSame(what: string, ours: readonly number[], peer: readonly number[], tolerance: number): void {
  const wrong = ours.findIndex((x, i) => !(Math.abs(x - peer[i]!) <= tolerance * Math.abs(peer[i]!)));
  if (ours.length !== peer.length || wrong !== -1)
    throw new Error(
      `${what}: ours and the peer's results must agree within ${tolerance}: ${ours[wrong]}, ${peer[wrong]}`,
    );
}
