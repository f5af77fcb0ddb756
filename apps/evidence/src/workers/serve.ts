import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * Answers `NAME COUNT` with the wall-clock time of each of COUNT runs, in ms, beside what the last of them gave, and
 * `memory` with the peak and resident bytes of the process.
 */
export function serve(run: () => object | Promise<object>): Promise<void> {
  return answerLines((name, count) => (name === "memory" ? memory() : time(run, count)));
}

/** Answers `NAME COUNT` with the CPU time of one of COUNT calls, in ms, and what the last of them gave. */
export function serveCalls(calls: Readonly<Record<string, () => unknown>>): Promise<void> {
  return answerLines((name, count) => {
    const call = calls[name]!;
    let value: unknown;
    const start = process.cpuUsage();
    for (let i = 0; i < count; i++) value = call();
    const { user, system } = process.cpuUsage(start);
    return { ms: (user + system) / 1e3 / count, value };
  });
}

/** Answers every line `NAME COUNT` with one line of JSON, until standard input ends. */
export async function answerLines(answer: (name: string, count: number) => unknown): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, count] = line.split(" ");
    process.stdout.write(`${JSON.stringify(await answer(name!, Number(count)))}\n`);
  }
}

async function time(run: () => object | Promise<object>, count: number): Promise<object> {
  const ms: number[] = [];
  let value = {};
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    value = await run();
    ms.push(performance.now() - start);
  }
  return { ms, ...value };
}

function memory(): { peak: number; resident: number } {
  globalThis.gc?.(); // what is only waiting to be collected is no leak
  const status = readFileSync("/proc/self/status", "utf8");
  const bytes = (field: string) => Number(new RegExp(`${field}:\\s*(\\d+) kB`).exec(status)?.[1]) * 1024;
  return { peak: bytes("VmHWM"), resident: bytes("VmRSS") };
}
