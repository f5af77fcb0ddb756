import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { ValueError } from "./errors.js";
import { storing, unless } from "./storage-error.js";

const manifestName = "manifest.json";
type FileDigest = { readonly size: number; readonly sha256: string };

/**
 * Makes the directory `parent/name` in one piece: whoever looks finds it whole or not at all, whatever happens.
 *
 *   parent/.new-…  ←  write, fsync every file, manifest.json (size and SHA-256 of each), fsync
 *   parent/name → parent/.old-…   when there is one already
 *   parent/.new-… → parent/name,  fsync parent
 *
 * A failure leaves `parent/name` as it was. What a killed process left (a directory half written, or one moved aside
 * and not yet replaced) is cleared away or put back by the next commit in `parent`. `parent` is made when absent.
 *
 * @param name - of the directory; a plain name that does not begin with a dot.
 * @param write - puts files, in folders if need be, into the directory it is given; `manifest.json` is taken.
 * @returns the path of the directory.
 * @throws StorageError when the system refuses, also inside `write`; other errors of `write` pass unchanged.
 * @throws ValueError for another `name`, or when `write` makes `manifest.json` or something that is neither file nor folder.
 */
export async function commitDirectory(
  parent: string,
  name: string,
  write: (directory: string) => Promise<void>,
): Promise<string> {
  if (name === "" || name.startsWith(".") || name !== basename(name))
    throw new ValueError(`commitDirectory: name must be a plain name without a leading dot, got ${name}`, {
      argument: "name",
      value: name,
    });
  const directory = join(parent, name);
  return storing("commitDirectory", directory, async () => {
    await makeDurably(resolve(parent));
    await recover(parent);
    const fresh = join(parent, leftoverName("new", name));
    await mkdir(fresh);
    try {
      await write(fresh);
      await seal(fresh);
      await replace(parent, name, fresh);
    } catch (error) {
      await rm(fresh, { recursive: true, force: true }).catch(() => {});
      throw error;
    }
    return directory;
  });
}

/**
 * Whether the directory has the manifest of `commitDirectory` and every file named there still has its size and SHA-256.
 *
 * Files that the manifest does not name are not looked at. A directory that a killed commit had moved aside is put back.
 *
 * @throws StorageError when the system refuses for another reason than absence.
 */
export async function verifyDirectory(directory: string): Promise<boolean> {
  return storing("verifyDirectory", directory, async () => {
    const manifest = join(directory, manifestName);
    const read = () => readFile(manifest, "utf8").catch(unless("ENOENT", "ENOTDIR"));
    let text = await read();
    if (text === undefined) {
      await recover(dirname(resolve(directory)));
      text = await read();
    }
    const files = text === undefined ? undefined : parseManifest(text);
    if (files === undefined) return false;
    for (const [name, expected] of files) {
      const found = await digest(join(directory, name)).catch(unless("ENOENT", "ENOTDIR", "EISDIR"));
      if (!found || found.size !== expected?.size || found.sha256 !== expected.sha256) return false;
    }
    return true;
  });
}

/** Makes names in a directory durable. Windows knows no such thing and says EPERM. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory).catch(unless("EPERM"));
  try {
    await handle?.sync().catch(unless("EPERM"));
  } finally {
    await handle?.close();
  }
}

async function makeDurably(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Writes the manifest and makes everything in the directory durable. */
async function seal(directory: string): Promise<void> {
  const files: [string, FileDigest][] = [];
  const folders = [directory];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path).split(sep).join("/");
    if (entry.isDirectory()) folders.push(path);
    else if (entry.isFile() && name !== manifestName) files.push([name, await digest(path, { sync: true })]);
    else
      throw new ValueError(
        `commitDirectory: write must make files and folders other than ${manifestName}, got ${name}`,
        {
          argument: "write",
          value: name,
        },
      );
  }
  files.sort(([a], [b]) => (a < b ? -1 : 1));
  const manifest = JSON.stringify({ version: 1, files: Object.fromEntries(files) }, null, 2);
  await writeFile(join(directory, manifestName), `${manifest}\n`, { flag: "wx", flush: true });
  for (const folder of folders) await syncDirectory(folder);
}

/** Puts `fresh` in the place of `parent/name`; on failure what was there is there again. */
async function replace(parent: string, name: string, fresh: string): Promise<void> {
  const place = join(parent, name);
  const aside = join(parent, leftoverName("old", name));
  const had = await rename(place, aside).then(() => true, unless("ENOENT"));
  try {
    await rename(fresh, place);
    await syncDirectory(parent);
  } catch (error) {
    await rename(place, fresh).catch(() => {});
    if (had) await rename(aside, place);
    throw error;
  }
  if (had) await rm(aside, { recursive: true, force: true }).catch(() => {});
}

async function digest(path: string, { sync = false } = {}): Promise<FileDigest> {
  // Windows flushes only what is open for writing.
  const handle = await open(path, sync && process.platform === "win32" ? "r+" : "r");
  try {
    if (sync) await handle.sync();
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) {
      hash.update(chunk);
      size += chunk.length;
    }
    return { size, sha256: hash.digest("hex") };
  } finally {
    await handle.close();
  }
}

function parseManifest(text: string): [string, FileDigest][] | undefined {
  try {
    const { version, files } = JSON.parse(text);
    return version === 1 ? Object.entries<FileDigest>(files) : undefined;
  } catch {
    return undefined;
  }
}

// What is not yet, or no longer, `parent/name` says whose it is: process id and time of its making.
const leftoverName = (kind: "new" | "old", name: string) => `.${kind}-${process.pid}-${Date.now()}-${name}`;
const leftover = /^\.(new|old)-(\d+)-(\d+)-(.+)$/;

/** Clears away what processes that are gone left in the middle of a commit, and puts back what they had moved aside. */
async function recover(parent: string): Promise<void> {
  const names = new Set(await readdir(parent).catch(unless("ENOENT", "ENOTDIR")));
  for (const entry of names) {
    const [, kind, pid, time, name] = leftover.exec(entry) ?? [];
    if (!name || isRunning(Number(pid), Number(time))) continue;
    const path = join(parent, entry);
    if (kind === "old" && !names.has(name)) await rename(path, join(parent, name)).catch(() => {});
    else await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Whether the process that had this id at that time (ms) still runs. In a container the successor often has the same id. */
function isRunning(pid: number, time: number): boolean {
  if (pid === process.pid) return time >= Date.now() - process.uptime() * 1000;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
