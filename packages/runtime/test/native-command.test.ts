import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const command = fileURLToPath(new URL("../bin/native.js", import.meta.url));

describe("x-native", () => {
  it("names in one line the tools that are missing, and does nothing", () => {
    const folder = mkdtempSync(join(tmpdir(), "native-"));
    try {
      const { status, stdout, stderr } = spawnSync(process.execPath, [command], {
        cwd: folder,
        env: { PATH: folder },
        encoding: "utf8",
      });
      expect(status).toBe(1);
      expect(stdout).toBe("");
      const expected =
        process.platform === "linux" ? "missing: python3, pip, make, g++ (Debian: apt install" : "builds on Linux only";
      expect(stderr).toContain(`native: ${expected}`);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
