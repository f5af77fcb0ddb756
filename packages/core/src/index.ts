export {
  AbortedError,
  BackendError,
  ConfigError,
  type ErrorCode,
  FormatError,
  ShapeError,
  StateError,
  ValueError,
  XError,
} from "./errors.js";
export { type ProgressEvent, throwIfAborted } from "./progress.js";
export { createRng, type Rng, type RngState } from "./rng.js";
export { type Schedule, scheduleValue } from "./schedule.js";
export { type Json, parseState } from "./state.js";
