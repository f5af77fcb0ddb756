import type { RngState } from "@x/core";

/** One asked task. */
export interface Ticket<T> {
  /** Tickets count up from 0. */
  readonly id: number;
  readonly task: T;
  /** The probability (or density) under which the task was drawn, for importance weights. */
  readonly probability: number;
  /** How many times the teacher had been told something when it was asked. */
  readonly step: number;
}

/** What came of a ticket: at least one of `signal`, `advantages` and `rewards`. */
export interface Feedback {
  /** The ticket's `id`. */
  readonly ticket: number;
  /** Rewards of the rollouts, at least one. */
  readonly rewards?: ArrayLike<number>;
  /** Advantages of the rollouts, in place of those that `signal` kinds make from the rewards. */
  readonly advantages?: ArrayLike<number>;
  /** The caller's own measure of what was learnt; wins over the others. */
  readonly signal?: number;
}

/** Feedback with its ticket and its signal, as a method learns from it. */
export interface Told<T> {
  readonly ticket: Ticket<T>;
  readonly signal: number;
  readonly feedback: Feedback;
}

/** What every teacher can say about itself. */
export interface Diagnostics {
  /** Tickets given out, answered, taken back and still open. */
  readonly asked: number;
  readonly told: number;
  readonly cancelled: number;
  readonly open: number;
}

/** Chooses tasks: `ask` for some, try them, `tell` what came of them. Answers may come late and in any order. */
export interface Teacher<T, D extends Diagnostics = Diagnostics> {
  /**
   * Draws `n` tasks (default 1).
   *
   * @throws ValueError when `n` is no positive integer.
   */
  ask(n?: number): Ticket<T>[];
  /**
   * Learns from a batch of results in one update that does not depend on their order.
   *
   * @throws ValueError, before anything has changed, for a ticket that was never asked, is no longer open or is told
   * twice, and for numbers that are not finite or that the method cannot use.
   */
  tell(results: readonly Feedback[]): void;
  /**
   * Takes open tickets back, as if they had not been asked.
   *
   * @throws ValueError, before anything has changed, for a ticket that is not open.
   */
  cancel(tickets: readonly number[]): void;
  /** The whole state as plain JSON. Give it to the same `create…` with the same options to go on, bit for bit. */
  toJSON(): TeacherState<T>;
  readonly diagnostics: D;
}

/** Saved state of a teacher. Tasks must be plain JSON for it to be so. */
export interface TeacherState<T> {
  readonly format: "x-curriculum/1";
  /** Which method it is the state of. */
  readonly type: string;
  /** The options that are plain JSON. */
  readonly options: unknown;
  readonly rng: RngState;
  readonly step: number;
  /** Tickets asked, told and cancelled so far. */
  readonly counts: readonly [asked: number, told: number, cancelled: number];
  readonly open: readonly Ticket<T>[];
  /** The method's own state. */
  readonly data: unknown;
  /** A checksum of all the above. */
  readonly checksum: number;
}
