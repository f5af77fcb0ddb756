import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FormatError, type Json, StateError, ValueError } from "../src/index.js";
import { openJournal, readJournal, StorageError } from "../src/journal.js";
import { buildJournal } from "./build-journal.js";
import { faults } from "./faults.js";

vi.mock("node:fs/promises", async (original) => (await import("./faults.js")).faults.wrap(await original()));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
  path = join(folder, "log.jsonl");
});
afterEach(() => {
  faults.none();
  rmSync(folder, { recursive: true });
});

/** Writes the records, one append each, and gives back the bytes of the file. */
async function write(...records: readonly Json[]): Promise<Buffer> {
  const journal = await openJournal(path);
  for (const record of records) await journal.append(record);
  await journal.close();
  return readFileSync(path);
}

const records = [
  { kind: "metric", loss: 0.25 },
  "zwölf 🙂\n\u2028",
  null,
  [1, [true, {}]],
  { nested: { c: '","c":"' } },
];

describe("openJournal", () => {
  it("writes one line a record: number, record, CRC-32 of what is before it", async () => {
    const bytes = await write({ a: 1 }, "ü");
    const line = (body: string) => `${body},"c":"${crc32(body).toString(16).padStart(8, "0")}"}\n`;
    expect(bytes.toString()).toBe(line('{"n":0,"r":{"a":1}') + line('{"n":1,"r":"ü"'));
  });

  it("holds on opening what was appended before, and makes an empty file when there is none", async () => {
    const empty = await openJournal(path);
    expect({ records: empty.records, dropped: empty.dropped }).toEqual({ records: [], dropped: 0 });
    await empty.close();
    await write(...records.slice(0, 2));
    await write(...records.slice(2));
    const journal = await openJournal(path);
    expect(journal.records).toEqual(records);
    expect(journal.dropped).toBe(0);
    await journal.close();
  });

  it("gives any JSON back as it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), async (values) => {
        rmSync(path, { force: true });
        const plain = JSON.parse(JSON.stringify(values));
        await write(...plain);
        expect(await readJournal(path)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  it("cuts a torn tail at every byte of the last three records, and the next append follows the last whole one", async () => {
    const bytes = await write(...records);
    const starts = [0, ...[...bytes.keys()].filter((i) => bytes[i] === 10).map((i) => i + 1)];
    for (let length = starts.at(-4)!; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const whole = starts.findLastIndex((start) => start <= length);
      const journal = await openJournal(path);
      expect(journal.records).toEqual(records.slice(0, whole));
      expect(journal.dropped).toBe(length - starts[whole]!);
      await journal.append("next");
      await journal.close();
      expect(await readJournal(path)).toEqual([...records.slice(0, whole), "next"]);
    }
  });

  it("refuses a file with any byte changed in a record that is not the last, naming line and offset", async () => {
    const bytes = await write(...records);
    const start = bytes.indexOf(10) + 1;
    const end = bytes.indexOf(10, start) + 1;
    for (let at = start; at < end; at++)
      for (const flip of [1, 0x80]) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= flip;
        writeFileSync(path, damaged);
        await expect(openJournal(path)).rejects.toThrow(FormatError);
        await expect(readJournal(path)).rejects.toThrow(`${path}, line 2, offset ${start}`);
        expect(readFileSync(path).equals(damaged)).toBe(true);
      }
  });

  it("refuses a line that is missing, doubled or out of order", async () => {
    const lines = (await write(...records)).toString().split("\n");
    for (const order of [
      [0, 2, 3, 4],
      [0, 1, 1, 2, 3, 4],
      [1, 0, 2, 3, 4],
    ]) {
      writeFileSync(path, order.map((i) => `${lines[i]}\n`).join(""));
      await expect(openJournal(path)).rejects.toThrow(FormatError);
    }
  });

  it("cuts off a last line that fails its checksum", async () => {
    const bytes = await write(...records);
    bytes[bytes.length - 12]! ^= 1;
    writeFileSync(path, bytes);
    const journal = await openJournal(path);
    expect(journal.records).toEqual(records.slice(0, -1));
    expect(journal.dropped).toBeGreaterThan(0);
    await journal.close();
  });

  it("refuses another program's file of one line instead of cutting it", async () => {
    for (const text of ["{}", "some text without an end of line", "some text\n", "\0\0\0\0"]) {
      writeFileSync(path, text);
      await expect(openJournal(path)).rejects.toThrow(FormatError);
      expect(readFileSync(path, "utf8")).toBe(text);
    }
  });

  it("throws StorageError with path and cause where there is no such directory", async () => {
    const missing = join(folder, "absent", "log.jsonl");
    await expect(openJournal(missing)).rejects.toMatchObject({
      code: "E_STORAGE",
      path: missing,
      cause: { code: "ENOENT" },
    });
  });
});

describe("readJournal", () => {
  it("reads whole records while another process is in the middle of writing one, and changes nothing", async () => {
    const bytes = await write(...records);
    appendFileSync(path, '{"n":5,"r":');
    expect(await readJournal(path)).toEqual(records);
    expect(readFileSync(path).length).toBe(bytes.length + 11);
  });

  it("throws StorageError when there is no file", async () => {
    await expect(readJournal(path)).rejects.toMatchObject({ code: "E_STORAGE", path, cause: { code: "ENOENT" } });
  });
});

describe("Journal.append", () => {
  it("flushes before it resolves, and concurrent appends share one write and one flush", async () => {
    const journal = await openJournal(path);
    faults.none();
    await journal.append("first");
    expect(faults.steps()).toEqual(["write", "datasync"]);
    faults.none();
    await Promise.all(Array.from({ length: 100 }, (_, i) => journal.append(i)));
    expect(faults.steps()).toEqual(["write", "datasync"]);
    await Promise.all([journal.append("a"), journal.append("b", "c"), journal.close()]);
    expect((await readJournal(path)).slice(-3)).toEqual(["a", "b", "c"]);
  });

  it("keeps the order of calls that come while another is being written", async () => {
    const journal = await openJournal(path);
    const calls: Promise<void>[] = [];
    for (let i = 0; i < 200; i++) {
      calls.push(journal.append(i));
      if (i % 3 === 0) await new Promise(setImmediate);
    }
    await Promise.all(calls);
    await journal.close();
    expect(await readJournal(path)).toEqual([...Array(200).keys()]);
  });

  it("takes a full disk back to the last durable record, after a short write too, and goes on when there is space", async () => {
    const whole = await write("kept");
    for (const step of [1, 2]) {
      const journal = await openJournal(path);
      faults.at(step, "ENOSPC");
      const refused = Promise.allSettled([journal.append("lost"), journal.append("lost too")]);
      for (const result of await refused)
        expect(result).toMatchObject({
          status: "rejected",
          reason: { code: "E_STORAGE", path, cause: { code: "ENOSPC" } },
        });
      expect(readFileSync(path).equals(whole)).toBe(true);
      faults.none();
      await journal.append(step);
      await journal.close();
      expect(await readJournal(path)).toEqual(["kept", step]);
      writeFileSync(path, whole);
    }
  });

  it("refuses everything after it could not take a failed write back", async () => {
    await write("kept");
    const journal = await openJournal(path);
    faults.from(1, "EIO");
    await expect(journal.append("lost")).rejects.toThrow(StorageError);
    faults.none();
    await expect(journal.append("after")).rejects.toThrow(StorageError);
    await journal.close();
    expect(await readJournal(path)).toEqual(["kept"]);
  });

  it("refuses what JSON cannot hold before it writes anything", async () => {
    const journal = await openJournal(path);
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY, undefined])
      await expect(journal.append("fine", { list: [1, bad as Json] })).rejects.toThrow(ValueError);
    await journal.append("next");
    await journal.close();
    expect(await readJournal(path)).toEqual(["next"]);
  });

  it("throws StateError after close, which may be called twice", async () => {
    const journal = await openJournal(path);
    const last = journal.append("last");
    await Promise.all([journal.close(), journal.close()]);
    await last;
    await expect(journal.append("late")).rejects.toThrow(StateError);
    expect(await readJournal(path)).toEqual(["last"]);
  });

  it("loses nothing that it acknowledged when the process is killed", async () => {
    mkdirSync(join(folder, "built"));
    const built = buildJournal(join(folder, "built"));
    for (let round = 0, acknowledged = 0; round < 4; round++) {
      const child = spawn(process.execPath, [
        fileURLToPath(new URL("./append-forever.js", import.meta.url)),
        built,
        path,
      ]);
      await new Promise<void>((resolve) => {
        child.stdout.on("data", (data: Buffer) => {
          const lines = data.toString().trim().split("\n");
          acknowledged = Number(lines.at(-1));
          // Killed at once at different depths of the queue.
          if (acknowledged > (round + 1) * 300) child.kill("SIGKILL");
        });
        child.on("close", () => resolve());
      });
      const journal = await openJournal(path);
      await journal.close();
      expect(journal.records.length).toBeGreaterThan(acknowledged);
      expect(journal.records).toEqual([...journal.records.keys()]);
    }
  });
});
