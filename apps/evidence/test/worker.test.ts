import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startWorker } from "../src/worker.js";

afterEach(() => void vi.unstubAllEnvs());

const echo = relative(
  join(import.meta.dirname, "..", "src", "workers"),
  fileURLToPath(new URL("./echo-worker.js", import.meta.url)),
);

describe("startWorker", () => {
  it("gives the worker its arguments and answers each question in turn", async () => {
    const worker = startWorker(echo, ["a", "b"]);
    for (const line of ["one", "two"]) expect(await worker.ask(line)).toEqual({ line, args: ["a", "b"] });
    worker.close();
  });

  it("says with which code a worker ended that does not answer, also when it is asked again", async () => {
    const worker = startWorker(echo, []);
    await expect(worker.ask("end")).rejects.toThrow(/echo-worker\.js ended with 3$/);
    await expect(worker.ask("one")).rejects.toThrow(/ended with 3$/);
  });

  it("says how to get a peer that is not there", async () => {
    vi.stubEnv("X_PYTHON", join(import.meta.dirname, "no-python"));
    await expect(startWorker("train_step.py", []).ask("memory")).rejects.toThrow(
      /no-python cannot be started; run npm run peers$/,
    );
  });
});
