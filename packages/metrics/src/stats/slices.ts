import { throwIfAborted } from "@x/core";

/** Milliseconds of work between two turns of the event loop: half a frame of a page. */
const slice = 8;

/** Runs steps to their end. */
export function runToEnd<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Runs steps to their end and lets the event loop run every 8 ms. Time decides when it does, never the result. */
export async function runInSlices<T>(steps: Generator<undefined, T>, signal?: AbortSignal): Promise<T> {
  throwIfAborted(signal);
  for (let end = performance.now() + slice; ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < end) continue;
    await new Promise((resolve) => setTimeout(resolve));
    throwIfAborted(signal);
    end = performance.now() + slice;
  }
}
