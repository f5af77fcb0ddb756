import type { CheckpointState } from "./checkpoint.js";

/** What every long training function takes beside its own options. */
export interface RunControl {
  /** Stops the work between two steps with an AbortedError. */
  readonly signal?: AbortSignal;
  /** Goes on from what `loadCheckpoint` gave back. */
  readonly resume?: CheckpointState;
  /** Steps from one `checkpoint` event to the next. Default: none. */
  readonly checkpointEvery?: number;
  /** Steps from one evaluation to the next. Default: none. */
  readonly evalEvery?: number;
}
