import { StateError } from "@x/core";
import type { TeacherState } from "./teacher.js";

const format = "x-curriculum/1";

/** FNV-1a over UTF-16 code units: every step is a bijection of the hash, so no change of a single character goes unseen. */
export function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** What every saved state has, whatever else it holds. */
export type Sealed = Pick<TeacherState<unknown>, "format" | "type" | "options" | "checksum">;

/** Puts the format in front of a state and the checksum behind it. */
export function sealState<C extends Pick<Sealed, "type" | "options">>(content: C) {
  const state = { format, ...content } as const;
  return { ...state, checksum: checksum(JSON.stringify(state)) };
}

/**
 * Checks saved state before anything is made of it.
 *
 * @throws StateError for another format, another method, a changed character, or other options than it was made with.
 */
export function checkState(saved: Sealed, type: string, options: Readonly<Record<string, unknown>>): void {
  const found: Partial<Sealed> | null = saved;
  if (typeof found !== "object" || found === null || found.format !== format)
    throw new StateError(`${type}: state must have format "${format}", got ${JSON.stringify(found?.format ?? found)}`);
  if (saved.type !== type) throw new StateError(`${type}: state must be of type "${type}", got "${saved.type}"`);
  const { checksum: expected, ...content } = saved;
  const actual = checksum(JSON.stringify(content));
  if (actual !== expected)
    throw new StateError(`${type}: state must have the checksum it was saved with (${expected}), got ${actual}`);
  const before = { ...(saved.options as Readonly<Record<string, unknown>>) };
  const now: Record<string, unknown> = JSON.parse(JSON.stringify(options));
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [was, is] = [JSON.stringify(before[name]), JSON.stringify(now[name])];
    if (was !== is) throw new StateError(`${type}: state was made with ${name} = ${was}, not ${is}`);
  }
}
