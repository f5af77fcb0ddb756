import { XError } from "@x/core";

/** Why a function cannot be one program. */
export type TraceReason = "read" | "shape" | "random" | "variable" | "compile";

/** Something inside a `jit` function that a program of tensors cannot do. `code` is `E_TRACE`. */
export class TraceError extends XError {
  readonly reason: TraceReason;
  /** The operation that was refused, or that made the value which was read. */
  readonly op: string;
  /** What to write instead. */
  readonly fix: string;

  constructor(
    message: string,
    details: { readonly reason: TraceReason; readonly op: string; readonly fix: string; readonly cause?: unknown },
  ) {
    super("E_TRACE", `${message}; ${details.fix}`, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "TraceError";
    this.reason = details.reason;
    this.op = details.op;
    this.fix = details.fix;
  }
}
