import { createRng, type Rng, ValueError } from "@x/core";
import { type SignalKind, signalOf } from "./signal.js";
import { checkState, sealState } from "./state.js";
import type { Diagnostics, Feedback, Teacher, TeacherState, Ticket, Told } from "./teacher.js";

/** A drawn task and the probability of having drawn it. */
export interface Draw<T> {
  readonly task: T;
  readonly probability: number;
}

/** What sets one teacher apart from another; tickets, checks, order and state are the same for all. */
export interface Method<T> {
  /** Draws `n` tasks. */
  draw(n: number, rng: Rng): readonly Draw<T>[];
  /** Refuses results that the method cannot use, in the order they were told, by throwing; nothing may change here. */
  check?(told: readonly Told<T>[]): void;
  /** Tickets that are no longer open, before `learn` when they were told. */
  close?(tickets: readonly Ticket<T>[], why: "told" | "cancelled"): void;
  /** Learns from results, in the order of their tickets. */
  learn(told: readonly Told<T>[], rng: Rng): void;
  /** The method's state as plain JSON. */
  save(): unknown;
  /** Takes up what `save` gave. */
  load(data: unknown): void;
}

/** How a teacher is put together. */
export interface TeacherParts<T> {
  /** Name of the creating function; stands in messages and in saved state. */
  readonly type: string;
  readonly seed: number | string;
  /** The options that are plain JSON, defaults filled in; saved state is only taken up under the same ones. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly signal: SignalKind;
  readonly method: Method<T>;
  readonly saved: TeacherState<T> | undefined;
}

/** The loop that all teachers share around their `method`. */
export function createTeacher<T>(parts: TeacherParts<T>): Teacher<T> {
  const { type, signal, method, saved } = parts;
  const options = { seed: parts.seed, ...(typeof signal === "string" ? { signal } : {}), ...parts.options };
  if (saved !== undefined) {
    checkState(saved, type, options);
    method.load(saved.data);
  }
  const rng = createRng(saved?.rng ?? parts.seed);
  let open = [...(saved?.open ?? [])]; // in the order of their ids
  let step = saved?.step ?? 0;
  let [asked, told, cancelled] = saved?.counts ?? [0, 0, 0];

  /** Where in `open` a ticket is, or would be. */
  function placeOf(id: number): number {
    let [from, to] = [0, open.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (open[middle]!.id < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** The open tickets of these numbers, each once. */
  function openTickets(caller: string, ids: readonly number[]): Ticket<T>[] {
    const seen = ids.length > 1 ? new Set<number>() : undefined;
    return ids.map((id, index) => {
      const found = open[placeOf(id)];
      const ticket = found?.id === id ? found : undefined;
      if (ticket === undefined || seen?.has(id)) {
        const never = !(Number.isInteger(id) && id >= 0 && id < asked);
        const what = never ? "was never asked" : "is no longer open";
        throw new ValueError(`${type}.${caller}: ticket ${id} ${ticket === undefined ? what : "is named twice"}`, {
          argument: "ticket",
          index,
          value: id,
        });
      }
      seen?.add(id);
      return ticket;
    });
  }

  function close(tickets: readonly Ticket<T>[], why: "told" | "cancelled"): void {
    if (tickets.length === 1) open.splice(placeOf(tickets[0]!.id), 1);
    else {
      const gone = new Set(tickets);
      open = open.filter((ticket) => !gone.has(ticket));
    }
    method.close?.(tickets, why);
  }

  return {
    ask(n = 1) {
      if (!Number.isSafeInteger(n) || n < 1)
        throw new ValueError(`${type}.ask: n must be a positive integer, got ${n}`, { argument: "n", value: n });
      return method.draw(n, rng).map(({ task, probability }) => {
        const ticket: Ticket<T> = { id: asked++, task, probability, step };
        open.push(ticket);
        return ticket;
      });
    },
    tell(results: readonly Feedback[]) {
      if (results.length === 0) return;
      const tickets = openTickets(
        "tell",
        results.map((result) => result.ticket),
      );
      const batch = results.map((feedback, index): Told<T> => {
        return { ticket: tickets[index]!, signal: signalOf(signal, feedback, index), feedback };
      });
      method.check?.(batch);
      batch.sort((a, b) => a.ticket.id - b.ticket.id);
      close(tickets, "told");
      method.learn(batch, rng);
      told += batch.length;
      step++;
    },
    cancel(ids) {
      const tickets = openTickets("cancel", ids);
      close(tickets, "cancelled");
      cancelled += tickets.length;
    },
    toJSON: () =>
      sealState({
        type,
        options,
        rng: rng.state(),
        step,
        counts: [asked, told, cancelled],
        open: [...open],
        data: method.save(),
      }),
    get diagnostics(): Diagnostics {
      return { asked, told, cancelled, open: open.length };
    },
  };
}
