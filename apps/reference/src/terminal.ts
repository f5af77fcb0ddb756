/** Prints progress: the first number of a stage at once, then at most a line every `everyMs`. */
export function progressLines(write: (line: string) => void, everyMs = 2000, now: () => number = Date.now) {
  let stage = "";
  let last = 0;
  const started = now();
  return (name: string, step: number, total: number, values: Readonly<Record<string, number>>): void => {
    const time = now();
    const final = step >= total;
    if (name === stage && time - last < everyMs && !final) return;
    stage = name;
    last = time;
    const numbers = Object.entries(values).map(([key, value]) => `${key} ${value.toFixed(4)}`);
    write(
      `${clock(time - started)}  ${name.padEnd(22)} ${String(step).padStart(String(total).length)}/${total}  ${numbers.join("  ")}`,
    );
  };
}

const clock = (ms: number): string =>
  `${String(Math.floor(ms / 60_000)).padStart(2)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

/** Says what begins, and every `everyMs` that it still goes on (as far as the work lets the process breathe). */
export function watching(write: (line: string) => void, everyMs = 2000) {
  return async <T>(label: string, work: () => T | Promise<T>): Promise<T> => {
    write(label);
    await new Promise((resolve) => setImmediate(resolve)); // the line goes out before the work blocks
    const started = Date.now();
    const timer = setInterval(() => write(`${label}: ${Math.round((Date.now() - started) / 1000)} s`), everyMs);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  };
}

/** Rows as columns of equal width, the first left-aligned, the others right-aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "))
    .join("\n");
}

/** Text with its control and format characters (ANSI escapes too) replaced, so that model output cannot drive a terminal. */
export const printable = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, "\ufffd");
