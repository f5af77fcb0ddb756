import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ValueError } from "../src/index.js";
import { commitDirectory, StorageError, verifyDirectory } from "../src/journal.js";
import { buildJournal } from "./build-journal.js";
import { faults } from "./faults.js";

vi.mock("node:fs/promises", async (original) => (await import("./faults.js")).faults.wrap(await original()));

let root: string;
let parent: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "directory-"));
  parent = join(root, "checkpoints");
});
afterEach(() => {
  faults.none();
  rmSync(root, { recursive: true });
});

/** Two files, one of them in a folder, that hold `text`. */
const content = (text: string) => async (directory: string) => {
  await writeFile(join(directory, "weights.bin"), text.repeat(1000));
  await mkdir(join(directory, "state"));
  await writeFile(join(directory, "state", "rng.json"), JSON.stringify(text));
};
const read = (name: string) => JSON.parse(readFileSync(join(parent, name, "state", "rng.json"), "utf8"));

describe("commitDirectory", () => {
  it("makes the directory with a manifest of sizes and SHA-256, its parents too, and leaves nothing else", async () => {
    const made = await commitDirectory(join(parent, "deep"), "step-1", content("one"));
    expect(made).toBe(join(parent, "deep", "step-1"));
    expect(readdirSync(join(parent, "deep"))).toEqual(["step-1"]);
    const digest = (text: string) => ({ size: text.length, sha256: createHash("sha256").update(text).digest("hex") });
    expect(JSON.parse(readFileSync(join(made, "manifest.json"), "utf8"))).toEqual({
      version: 1,
      files: { "state/rng.json": digest('"one"'), "weights.bin": digest("one".repeat(1000)) },
    });
    expect(await verifyDirectory(made)).toBe(true);
  });

  it("replaces a directory of that name as a whole", async () => {
    await commitDirectory(parent, "last", async (directory) => writeFile(join(directory, "only-in-the-first"), "1"));
    await commitDirectory(parent, "last", content("two"));
    expect(readdirSync(parent)).toEqual(["last"]);
    expect(readdirSync(join(parent, "last")).sort()).toEqual(["manifest.json", "state", "weights.bin"]);
    expect(read("last")).toBe("two");
  });

  it("flushes every file and folder before the new name is seen, and the parent after", async () => {
    await commitDirectory(parent, "last", content("one"));
    faults.none();
    await commitDirectory(parent, "last", content("two"));
    const steps = faults.steps();
    const [aside, placed] = steps.flatMap((step, i) => (step === "rename" ? [i] : []));
    // Two files, their folder and the directory; manifest.json flushes inside writeFile.
    expect(steps.slice(0, aside).filter((step) => step === "sync")).toHaveLength(4);
    expect(placed).toBe(aside! + 1);
    expect(steps.slice(placed! + 1)).toEqual(["open", "sync"]);
  });

  it.each([false, true])(
    "leaves the state before it when any operation fails once (over an older one: %s)",
    async (over) => {
      let operations = Number.POSITIVE_INFINITY;
      for (let number = 1; number <= operations; number++) {
        faults.none();
        if (over) await commitDirectory(parent, "last", content("old"));
        faults.at(number, "ENOSPC");
        const result = await commitDirectory(parent, "last", content("new")).catch((error: unknown) => error);
        const steps = faults.steps();
        faults.none();
        if (number > steps.length) operations = steps.length;
        else
          expect(result, `operation ${number}, ${steps.at(-1)}`).toMatchObject({
            code: "E_STORAGE",
            path: join(parent, "last"),
            cause: { code: "ENOSPC" },
          });
        const expected = typeof result === "string" ? "new" : over ? "old" : undefined;
        if (existsSync(parent)) expect(readdirSync(parent)).toEqual(expected ? ["last"] : []);
        expect(await verifyDirectory(join(parent, "last"))).toBe(expected !== undefined);
        if (expected) expect(read("last")).toBe(expected);
        rmSync(parent, { recursive: true, force: true });
      }
      expect(operations).toBeGreaterThan(15);
    },
  );

  it("clears its half-written directory when write throws, and passes the error on", async () => {
    const mistake = new TypeError("not a matter of storage");
    const failing = commitDirectory(parent, "last", async (directory) => {
      await content("new")(directory);
      throw mistake;
    });
    await expect(failing).rejects.toBe(mistake);
    expect(readdirSync(parent)).toEqual([]);
  });

  it("commits side by side in one parent", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `step-${i}`);
    await Promise.all(names.map((name) => commitDirectory(parent, name, content(name))));
    expect(readdirSync(parent)).toEqual(names);
    expect(await Promise.all(names.map((name) => verifyDirectory(join(parent, name))))).toEqual(names.map(() => true));
  });

  it("leaves the work of running processes alone and clears what a gone one left", async () => {
    const alive = process.ppid;
    const gone = 2 ** 22 + 1; // above the largest process id of Linux
    const now = Date.now();
    for (const entry of [
      `.new-${alive}-${now}-a`,
      `.old-${alive}-${now}-b`,
      `.new-${process.pid}-${now}-c`,
      `.new-${gone}-${now}-d`,
      `.old-${gone}-${now}-last`,
      // The same id, but from before this process began: in a container the successor often gets it.
      `.new-${process.pid}-${now - 1e9}-e`,
      ".gitkeep",
    ])
      mkdirSync(join(parent, entry), { recursive: true });
    mkdirSync(join(parent, "last"));
    await commitDirectory(parent, "step-1", content("one"));
    expect(readdirSync(parent).sort()).toEqual(
      [
        `.new-${alive}-${now}-a`,
        `.old-${alive}-${now}-b`,
        `.new-${process.pid}-${now}-c`,
        ".gitkeep",
        "last",
        "step-1",
      ].sort(),
    );
  });

  it("does without the flush of directories where the system refuses it, as Windows does", async () => {
    await commitDirectory(parent, "last", content("old"));
    faults.none();
    await commitDirectory(parent, "last", content("old"));
    const flush = faults.steps().length;
    for (const number of [flush - 1, flush]) {
      faults.at(number, "EPERM");
      await commitDirectory(parent, "last", content("new"));
      expect(faults.steps().slice(-2)).toContain(number === flush ? "sync" : "open");
      faults.none();
      expect(await verifyDirectory(join(parent, "last"))).toBe(true);
    }
  });

  it("makes directories that others may read, as mkdir does", async () => {
    mkdirSync(join(root, "plain"));
    const made = await commitDirectory(parent, "last", content("one"));
    expect(statSync(made).mode).toBe(statSync(join(root, "plain")).mode);
  });

  it("throws ValueError for a name that is a path, hidden or empty", async () => {
    for (const name of ["", ".", "..", ".hidden", "a/b", "../a", "a/"])
      await expect(commitDirectory(parent, name, content("one"))).rejects.toThrow(ValueError);
    expect(existsSync(parent)).toBe(false);
  });

  it("throws ValueError when write makes the manifest or a link", async () => {
    await expect(
      commitDirectory(parent, "last", async (directory) => writeFile(join(directory, "manifest.json"), "{}")),
    ).rejects.toThrow(ValueError);
    await expect(
      commitDirectory(parent, "last", async (directory) => symlinkSync(root, join(directory, "link"))),
    ).rejects.toThrow(ValueError);
    expect(readdirSync(parent)).toEqual([]);
  });

  it("throws StorageError when the parent is a file", async () => {
    writeFileSync(parent, "");
    await expect(commitDirectory(parent, "last", content("one"))).rejects.toThrow(StorageError);
  });
});

describe("commitDirectory of a process that is killed", () => {
  const child = fileURLToPath(new URL("./commit-and-die.js", import.meta.url));

  /** Lets a child commit `text` and die before the operation of that number; false when it lived to the end. */
  function commitAndDie(built: string, at: string, text: string, number: number): Promise<boolean> {
    return new Promise((resolve, reject) =>
      execFile(process.execPath, [child, built, at, text, String(number)], (error, _out, errors) => {
        if (error && error.signal !== "SIGKILL") reject(new Error(errors));
        else resolve(error !== null);
      }),
    );
  }

  it("leaves the old state or the new one, whole, at each step, and the next commit clears up", async () => {
    mkdirSync(join(root, "built"));
    const built = buildJournal(join(root, "built"));
    const found: string[] = [];
    let died = true;
    for (let number = 1; died; number++) {
      rmSync(parent, { recursive: true, force: true });
      await commitDirectory(parent, "last", content("old"));
      died = await commitAndDie(built, parent, "new", number);
      expect(await verifyDirectory(join(parent, "last")), `killed before operation ${number}`).toBe(true);
      found.push(read("last"));
      await commitDirectory(parent, "other", content("other"));
      expect(readdirSync(parent).sort()).toEqual(["last", "other"]);
      expect(read("last")).toBe(found.at(-1));
    }
    // Old for a while, new from the second rename on, and the last child lived.
    expect(found.length).toBeGreaterThan(15);
    expect(found).toEqual([...found].sort().reverse());
    expect(new Set(found)).toEqual(new Set(["old", "new"]));
  });
});

describe("verifyDirectory", () => {
  it("sees one changed byte, a missing file, a longer file and a damaged manifest in any file", async () => {
    const made = await commitDirectory(parent, "last", content("one"));
    const files = ["weights.bin", join("state", "rng.json"), "manifest.json"].map((name) => join(made, name));
    for (const file of files) {
      const bytes = readFileSync(file);
      const damaged = Buffer.from(bytes);
      damaged[bytes.length >> 1]! ^= 1;
      for (const version of [damaged, bytes.subarray(0, -2), Buffer.concat([bytes, bytes])]) {
        writeFileSync(file, version);
        expect(await verifyDirectory(made)).toBe(false);
      }
      rmSync(file);
      expect(await verifyDirectory(made)).toBe(false);
      writeFileSync(file, bytes);
      expect(await verifyDirectory(made)).toBe(true);
    }
  });

  it("is false for a directory without manifest, for a file, for nothing, and for a manifest of another kind", async () => {
    mkdirSync(join(parent, "plain"), { recursive: true });
    writeFileSync(join(parent, "file"), "");
    for (const name of ["plain", "file", "nothing", join("file", "nothing")])
      expect(await verifyDirectory(join(parent, name))).toBe(false);
    for (const manifest of ["", "null", "[]", "{}", '{"version":2,"files":{}}', '{"version":1,"files":{"a":null}}']) {
      writeFileSync(join(parent, "plain", "manifest.json"), manifest);
      expect(await verifyDirectory(join(parent, "plain"))).toBe(false);
    }
  });

  it("does not mind files that the manifest does not name", async () => {
    const made = await commitDirectory(parent, "last", content("one"));
    writeFileSync(join(made, ".DS_Store"), "");
    expect(await verifyDirectory(made)).toBe(true);
  });

  it("throws StorageError when reading fails for another reason than absence", async () => {
    const made = await commitDirectory(parent, "last", content("one"));
    faults.from(1, "EIO");
    await expect(verifyDirectory(made)).rejects.toMatchObject({
      code: "E_STORAGE",
      path: made,
      cause: { code: "EIO" },
    });
  });
});
