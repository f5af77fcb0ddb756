import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { tinyTexts } from "./tiny.js";

const bin = fileURLToPath(new URL("../bin/xr.js", import.meta.url));

/** The command line, as Node runs it after a build. */
export const command = (...args: string[]): string[] => {
  if (!existsSync(fileURLToPath(new URL("../dist/cli.js", import.meta.url))))
    throw new Error("xr is not built: npx turbo run build --filter=@x/reference...");
  return [process.execPath, bin, ...args];
};

/** Starts `xr` on wasm; `ended` gives its exit code and what it said. */
export function xr(...args: string[]) {
  const [program, ...rest] = command(...args);
  const child = spawn(program!, rest, {
    env: { ...process.env, X_BACKEND: "wasm" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, stdout, stderr })),
  );
  return { ended, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

/** A run of four steps a stage on a few texts in `folder`, saved after every other step. */
export function tinyRun(folder: string, { steps = "4,4,4" } = {}): string[] {
  const data = join(folder, "data.jsonl");
  writeFileSync(
    data,
    tinyTexts(24)
      .map((text) => `${JSON.stringify({ text })}\n`)
      .join(""),
  );
  const sizes = ["--steps", steps, "--actions", "4", "--vocabulary", "300", "--checkpoint-every", "2"];
  return ["run", "planner", "--data", data, ...sizes];
}

/** Waits until the run below `runs` has a checkpoint of that stage and step. */
export async function checkpointOf(runs: string, stage: string, step: number): Promise<void> {
  const name = `step-${String(step).padStart(9, "0")}`;
  const saved = () => readdirSync(runs).some((run) => existsSync(join(runs, run, "checkpoints", stage, name)));
  while (!(existsSync(runs) && saved())) await setTimeout(10);
}
