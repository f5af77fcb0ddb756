import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildJournal } from "./build-journal.js";

const child = fileURLToPath(new URL("./fill-disk.js", import.meta.url));
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "full-disk-"));
});
afterAll(() => rmSync(root, { recursive: true }));

describe("a disk that is really full", () => {
  it("refuses appends and commits, keeps all that was durable, and goes on when there is space again", () => {
    const disk = join(root, "disk");
    const built = join(root, "built");
    mkdirSync(disk);
    mkdirSync(built);
    const script = `mount -t tmpfs -o size=256k none "${disk}" && exec "${process.execPath}" "${child}" "${buildJournal(built)}" "${disk}"`;
    const { error, stdout, stderr } = spawnSync("env", ["unshare", "-rm", "sh", "-c", script], { encoding: "utf8" });
    if (error || !stdout)
      throw new Error(`this test needs user namespaces: apt-get install util-linux; ${error?.message ?? stderr}`);
    const { appended, refusals, records, verified } = JSON.parse(stdout);
    expect(refusals).toEqual(["E_STORAGE ENOSPC", "E_STORAGE ENOSPC"]);
    expect(appended).toBeGreaterThan(10);
    expect(records).toBe(appended + 1);
    expect(verified).toEqual([true, false]);
  });
});
