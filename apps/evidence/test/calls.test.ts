import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assertSame, interleaveCalls, withFiles } from "../src/calls.js";
import type { Worker } from "../src/worker.js";

describe("interleaveCalls", () => {
  it("lets both sides go first in turn, leaves out the first round and keeps the last values", async () => {
    const asked: string[] = [];
    const side = (name: string): Worker => ({
      async ask<T>(command: string) {
        asked.push(`${name} ${command}`);
        return { ms: asked.length, value: asked.length } as T;
      },
      close() {},
    });
    const said: string[] = [];
    const workers = { ours: side("ours"), peer: side("peer") };
    const sides = await interleaveCalls<number>(workers, "sum", { ours: 9, peer: 2 }, (line) => said.push(line));
    const [ours, peer] = ["ours sum 9", "peer sum 2"];
    expect(asked).toEqual([ours, peer, ...[0, 1, 2].flatMap(() => [ours, peer, peer, ours])]);
    expect(sides).toEqual({ ours: [3, 6, 7, 10, 11, 14], peer: [4, 5, 8, 9, 12, 13], values: [14, 13] });
    expect(said).toHaveLength(6);
  });
});

describe("withFiles", () => {
  it("shows the files while they are used and leaves nothing behind, also when use fails", async () => {
    let at = "";
    const use = async (folder: string) => {
      at = folder;
      return readFileSync(join(folder, "a.txt"), "utf8") + readFileSync(join(folder, "b"))[0];
    };
    expect(await withFiles({ "a.txt": "text", b: Uint8Array.of(7) }, use)).toBe("text7");
    expect(existsSync(at)).toBe(false);
    const failing = withFiles({ "a.txt": "" }, async (folder) => {
      at = folder;
      throw new Error("no use");
    });
    await expect(failing).rejects.toThrow("no use");
    expect(existsSync(at)).toBe(false);
  });
});

describe("assertSame", () => {
  it("accepts what agrees to the tolerance, relative to the peer", () => {
    expect(() => assertSame("auc", [1000.9, -2], [1000, -2], 1e-3)).not.toThrow();
  });

  it("names the first numbers that differ, and refuses lists of other lengths and what is no number", () => {
    expect(() => assertSame("auc", [1, 2.1], [1, 2], 1e-3)).toThrow(/^auc: .* 2\.1, 2$/);
    expect(() => assertSame("auc", [1], [1, 2], 1)).toThrow(/^auc: /);
    expect(() => assertSame("auc", [Number.NaN], [1], 1)).toThrow(/^auc: .* NaN, 1$/);
  });
});
