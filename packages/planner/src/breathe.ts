import { throwIfAborted } from "@x/core";

/**
 * Gives timers, signals and servers their turn, then stops work whose signal has fired; for every round of a long loop,
 * because awaiting tensors alone never lets them run.
 *
 * @throws AbortedError when the signal has fired.
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  throwIfAborted(signal);
}
