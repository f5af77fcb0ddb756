import { constants } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { syncDirectory } from "./directory.js";
import { FormatError, StateError, ValueError } from "./errors.js";
import type { Json } from "./state.js";
import { storing } from "./storage-error.js";

export { commitDirectory, verifyDirectory } from "./directory.js";
export { StorageError } from "./storage-error.js";

/**
 * An append-only file of JSON records that survives a kill, a power cut and a full disk.
 *
 * Line `n` (from 0) of the file is `{"n":N,"r":RECORD,"c":"CHECKSUM"}`, the checksum being the CRC-32, in eight
 * hexadecimal digits, of all bytes before `,"c":`. One process writes; any number may read.
 */
export interface Journal {
  /** The records that the file held when it was opened. */
  readonly records: readonly Json[];
  /** Bytes of an unfinished last line that opening cut off; no append of them had resolved. */
  readonly dropped: number;
  /**
   * Adds records in this order; they are on the disk when the promise resolves. Calls made while another is being
   * written share one write and one flush.
   *
   * When the system refuses, none of these records is kept and the journal stays usable: later appends, tried once
   * there is space again, follow the last durable record.
   *
   * @throws StorageError when the system refuses.
   * @throws ValueError for a record that JSON cannot hold (NaN, infinities, undefined).
   * @throws StateError when the journal is closed.
   */
  append(...records: readonly Json[]): Promise<void>;
  /** Waits for what is being written, then lets go of the file. */
  close(): Promise<void>;
}

/**
 * Opens a journal for appending; makes the file when there is none (but not its directory).
 *
 * A last line that is unfinished or fails its checksum is cut off the file, which is what a kill in the middle of a
 * write leaves behind.
 *
 * @throws FormatError for any other line that is damaged, naming file, line and offset, and for a file that is no journal.
 * @throws StorageError when the system refuses.
 */
export async function openJournal(path: string): Promise<Journal> {
  return storing("openJournal", path, async () => {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT);
    try {
      const bytes = await handle.readFile();
      const { records, end } = parse(bytes, path);
      if (end < bytes.length) await handle.truncate(end);
      await handle.datasync();
      await syncDirectory(dirname(path));
      return { records, dropped: bytes.length - end, ...appender(handle, path, records.length, end) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

/**
 * Reads the records of a journal and leaves the file alone; another process may be writing it.
 *
 * @throws FormatError as `openJournal`.
 * @throws StorageError when the system refuses, for example because there is no such file.
 */
export async function readJournal(path: string): Promise<readonly Json[]> {
  return storing("readJournal", path, async () => parse(await readFile(path), path).records);
}

/** Appends after `count` durable records that end at byte `end`. */
function appender(handle: FileHandle, path: string, count: number, end: number): Pick<Journal, "append" | "close"> {
  let queue: string[] = [];
  let queued: Promise<void> | undefined; // the write that will take the queue
  let written: Promise<unknown> = Promise.resolve(); // the last write that was ordered
  let failure: unknown; // set when the file is in an unknown state
  let closed: Promise<void> | undefined;

  async function write(): Promise<void> {
    const texts = queue;
    queue = [];
    queued = undefined;
    if (failure !== undefined) throw failure;
    const bytes = Buffer.concat(texts.map((text, i) => encodeLine(count + i, text)));
    try {
      for (let done = 0; done < bytes.length; )
        done += (await handle.write(bytes, done, bytes.length - done, end + done)).bytesWritten;
      await handle.datasync();
    } catch (error) {
      await cutBack().catch(() => {
        failure = error;
      });
      throw error;
    }
    count += texts.length;
    end += bytes.length;
  }

  /** A full disk may have taken a part of the bytes: what follows must not come after them. */
  async function cutBack(): Promise<void> {
    await handle.truncate(end);
    await handle.datasync();
  }

  return {
    async append(...records) {
      if (closed) throw new StateError(`Journal.append: ${path} must be open, it is closed`);
      queue.push(...records.map(encodeRecord));
      if (!queued) {
        queued = written.then(() => storing("Journal.append", path, write));
        written = queued.catch(() => {});
      }
      await queued;
    },
    close() {
      closed ??= written.then(() => storing("Journal.close", path, () => handle.close()));
      return closed;
    },
  };
}

function encodeRecord(record: Json): string {
  return JSON.stringify(record, (key, value: unknown) => {
    if (value === undefined || (typeof value === "number" && !Number.isFinite(value)))
      throw new ValueError(`Journal.append: records must be JSON, got ${value} at ${JSON.stringify(key)}`, {
        argument: "records",
        value,
      });
    return value;
  });
}

const opening = (n: number) => `{"n":${n},"r":`;
const ending = (body: Buffer) => `,"c":"${crc32(body).toString(16).padStart(8, "0")}"}`;
const endingLength = 16;

function encodeLine(n: number, text: string): Buffer {
  const body = Buffer.from(opening(n) + text);
  return Buffer.concat([body, Buffer.from(`${ending(body)}\n`)]);
}

/** The record of line `n`, or undefined when the line is not what was written there. */
function decodeLine(line: Buffer, n: number): { readonly record: Json } | undefined {
  const body = line.subarray(0, -endingLength);
  const text = body.toString();
  if (line.toString("latin1", body.length) !== ending(body) || !text.startsWith(opening(n))) return undefined;
  return { record: JSON.parse(text.slice(opening(n).length)) as Json };
}

/** All records, and the offset where the last of them ends. */
function parse(bytes: Buffer, path: string): { records: Json[]; end: number } {
  const records: Json[] = [];
  let end = 0;
  for (let stop = bytes.indexOf("\n"); stop >= 0; stop = bytes.indexOf("\n", end)) {
    const line = decodeLine(bytes.subarray(end, stop), records.length);
    if (!line && stop + 1 === bytes.length) break;
    if (!line)
      throw new FormatError(
        `Journal: checksum and sequence number must fit, they do not in ${path}, line ${records.length + 1}, offset ${end}`,
      );
    records.push(line.record);
    end = stop + 1;
  }
  // The one unfinished line of a fresh journal is cut off; the one line of somebody's other file is not.
  const start = bytes.toString("latin1", 0, opening(0).length);
  if (records.length === 0 && !opening(0).startsWith(start))
    throw new FormatError(
      `Journal: a file must begin with ${opening(0)}, ${path} begins with ${JSON.stringify(start)}`,
    );
  return { records, end };
}
