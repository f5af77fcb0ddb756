import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJournal } from "@x/core/journal";
import { beforeEach, describe, expect, it } from "vitest";
import { metricsOf } from "../src/run.js";
import { temporaryFolder, tinyTexts } from "./tiny.js";
import { checkpointOf, command, tinyRun, xr } from "./xr.js";

const at = temporaryFolder();
beforeEach(() => void command()); // says so when it is not built

const one = (runs: string) => at(runs, readdirSync(at(runs))[0]!);

/** The rows of the result table by their arm. */
const rows = (stdout: string) => stdout.split("\n").filter((line) => /^(arm|plain|hard|soft) {2}/.test(line));

/** Everything that a finished run found, to the last bit. */
async function found(runs: string, stdout: string) {
  const metrics = metricsOf(await readJournal(join(one(runs), "journal.jsonl")));
  return { rows: rows(stdout), metrics };
}

describe("xr run planner", () => {
  it("prints what it does, the table of the arms and the report; killed and started again it finds the same", async () => {
    const task = tinyRun(at());
    const whole = await xr(...task, "--runs", at("whole")).ended;
    expect([whole.code, whole.stderr]).toEqual([0, ""]);
    expect(rows(whole.stdout).map((row) => row.split(" ")[0])).toEqual(["arm", "plain", "hard", "soft"]);
    const report = /^report: (.*)$/m.exec(whole.stdout)?.[1];
    expect(report).toBe(join(one("whole"), "report.html"));
    expect(readFileSync(report!, "utf8")).toContain("<h1>A language model that plans</h1>");
    const expected = await found("whole", whole.stdout);
    expect(expected.metrics).toHaveLength(5 * 4);

    const killed = xr(...task, "--runs", at("killed"));
    await checkpointOf(at("killed"), "base", 2);
    killed.kill("SIGKILL");
    expect((await killed.ended).code).toBeNull();
    const again = await xr(...task, "--runs", at("killed")).ended;
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(again.stdout).toContain(`going on with ${one("killed")}`);
    expect(await found("killed", again.stdout)).toEqual(expected);

    const interrupted = xr(...task, "--runs", at("interrupted"));
    await checkpointOf(at("interrupted"), "plain", 2);
    const second = await xr(...task, "--runs", at("interrupted")).ended;
    expect([second.code, second.stderr]).toEqual([4, expect.stringMatching(/^StateError: .* process \d+ has it.*\n$/)]);
    interrupted.kill("SIGINT");
    const { code, stderr } = await interrupted.ended;
    expect([code, stderr]).toEqual([130, "interrupted; the same command goes on from the last checkpoint\n"]);
    const resumed = await xr(...task, "--runs", at("interrupted")).ended;
    expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
    expect(await found("interrupted", resumed.stdout)).toEqual(expected);
  });

  it("ends with 74 and one line when the system refuses, and goes on when it does not", async () => {
    const task = [...tinyRun(at(), { steps: "1,1,1" }), "--runs", at("runs")];
    const first = xr(...task);
    await checkpointOf(at("runs"), "planner", 2);
    mkdirSync(join(one("runs"), "report.html"));
    const { code, stderr } = await first.ended;
    expect([code, stderr]).toEqual([74, expect.stringMatching(/^StorageError: EISDIR.*\n$/)]);
    rmdirSync(join(one("runs"), "report.html"));
    expect((await xr(...task).ended).code).toBe(0);
    expect(existsSync(join(one("runs"), "report.html"))).toBe(true);
  });

  it("ends with one line on standard error for what it cannot run, without a stack trace", async () => {
    const jsonl = (name: string, texts: readonly string[]) => {
      writeFileSync(at(name), texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));
      return at(name);
    };
    const data = jsonl("good.jsonl", tinyTexts(6));
    writeFileSync(at("broken.jsonl"), '{"text": "one"}\n{"text": \u001b[31m');
    const run = (...options: string[]) => ["run", "planner", "--runs", at("runs"), ...options];
    const bad: [code: number, says: string, ...args: string[]][] = [
      [2, "none.txt must be readable, got ENOENT", ...run("--data", at("none.txt"))],
      [2, "must hold text, got none", ...run("--data", jsonl("empty.jsonl", []))],
      [2, 'broken.jsonl:2 must be JSON, got {"text": \ufffd[31m', ...run("--data", at("broken.jsonl"))],
      [2, "got 3 documents", ...run("--data", jsonl("few.jsonl", tinyTexts(3)))],
      [2, "the number of sentences, got 99", ...run("--data", data, "--actions", "99", "--vocabulary", "300")],
      [
        2,
        "a document must have two sentences",
        ...run("--data", jsonl("short.jsonl", tinyTexts(9, { sentences: 1 })), "--actions", "2"),
      ],
      [2, "vocabSize must be in", ...run("--data", data, "--vocabulary", "10")],
      [2, '--seed must be an integer in 0 … 999999999, got "NaN"', ...run("--data", data, "--seed", "NaN")],
      [2, '--actions must be an integer in 1 … 999999999, got "x"', ...run("--data", data, "--actions", "x")],
      [2, '--vocabulary must be an integer in 1 … 999999999, got "1.5"', ...run("--data", data, "--vocabulary", "1.5")],
      [2, '--steps must be an integer in 1 … 999999999, got ""', ...run("--data", data, "--steps", "6,,6")],
      [2, '--actions must be an integer in 1 … 999999999, got "0"', ...run("--data", data, "--actions", "0")],
      [2, '--steps must be an integer in 1 … 999999999, got "0"', ...run("--data", data, "--steps", "6,0,6")],
      [2, "--checkpoint-every must be an integer in 1", ...run("--data", data, "--checkpoint-every", "0")],
      [2, "--steps must be three integers", ...run("--data", data, "--steps", "6,6")],
      [2, "pipeline must be planner, got lm", "run", "lm", "--data", data],
      [2, "required option '--data <path>' not specified", "run", "planner"],
      [2, "unknown option '--colour'", ...run("--data", data, "--colour", "x")],
      [74, "the system must let us use", ...run("--data", data, "--runs", data)],
    ];
    for (const [code, says, ...args] of bad) {
      const end = await xr(...args).ended;
      expect(end).toMatchObject({ code, stderr: expect.stringContaining(says) });
      expect(end.stderr).toMatch(/^[^\n]+\n$/);
    }
  });
});
