import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Answers `steps N` and `memory`, one JSON line each, until standard input ends. */
export async function serve(step: () => number): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, count] = line.split(" ");
    const answer = command === "memory" ? memory() : time(step, Number(count));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
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
