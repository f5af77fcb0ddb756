import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Answers `steps N` and `memory`, one JSON line each, until standard input ends. */
export function serve(step: () => number): Promise<void> {
  return answerLines((command, count) => (command === "memory" ? memory() : time(step, count)));
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

async function answerLines(answer: (command: string, count: number) => unknown): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, count] = line.split(" ");
    process.stdout.write(`${JSON.stringify(answer(command!, Number(count)))}\n`);
  }
}

function time(step: () => number, count: number): { ms: number[]; loss: number } {
  const ms: number[] = [];
  let loss = Number.NaN;
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    loss = step();
    ms.push(performance.now() - start);
  }
  return { ms, loss };
}

function memory(): { peak: number; resident: number } {
  globalThis.gc?.(); // what is only waiting to be collected is no leak
  const status = readFileSync("/proc/self/status", "utf8");
  const bytes = (field: string) => Number(new RegExp(`${field}:\\s*(\\d+) kB`).exec(status)?.[1]) * 1024;
  return { peak: bytes("VmHWM"), resident: bytes("VmRSS") };
}
