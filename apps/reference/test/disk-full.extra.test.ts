import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./tiny.js";
import { command, tinyRun } from "./xr.js";

const at = temporaryFolder();
const quoted = (words: readonly string[]) => words.map((word) => `"${word}"`).join(" ");

describe("a run on a disk that is really full", () => {
  it("ends with 74 and one line, and the same command finishes it when there is space", () => {
    const disk = at("disk");
    const xr = quoted(command(...tinyRun(at()), "--runs", `${disk}/runs`));
    // The disk lives as long as the shell. With the ballast on it there is room for a checkpoint or two.
    const script = [
      `mkdir "${disk}" && mount -t tmpfs -o size=96m none "${disk}" && head -c 80m /dev/zero > "${disk}/ballast" || exit 1`,
      `${xr} > "${at("out1")}" 2> "${at("err1")}"; echo $?`,
      `rm "${disk}/ballast"`,
      `${xr} > "${at("out2")}" 2> "${at("err2")}"; echo $?`,
    ].join("\n");
    const env = { ...process.env, X_BACKEND: "wasm" };
    const { error, stdout, stderr } = spawnSync("env", ["unshare", "-rm", "sh", "-c", script], {
      encoding: "utf8",
      env,
    });
    if (error || !stdout)
      throw new Error(`this test needs user namespaces: apt-get install util-linux; ${error?.message ?? stderr}`);
    const said = (name: string) => readFileSync(at(name), "utf8");
    expect(stdout).toBe("74\n0\n");
    expect(said("err1")).toMatch(/^StorageError: .*ENOSPC.*\n$/);
    expect(said("out2")).toContain("going on with");
    expect(said("out2")).toMatch(/^soft .*\n\nreport: /m);
    expect(said("err2")).toBe("");
  });
});
