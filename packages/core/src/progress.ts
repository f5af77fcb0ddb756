import { AbortedError } from "./errors.js";
import type { Json } from "./state.js";

/** What long work yields: its kind, the step it reached, of how many, and plain data. */
export type ProgressEvent<K extends string = string, D extends Json = Json> = {
  readonly type: K;
  readonly step: number;
  readonly total?: number;
  readonly data: D;
};

/**
 * Stops work whose signal has fired; to be called once a step.
 *
 * @throws AbortedError with the signal's reason as `cause`.
 */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw new AbortedError("the work was aborted by its signal", { cause: signal.reason });
}
