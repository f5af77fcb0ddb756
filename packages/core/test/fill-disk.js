// node fill-disk.js MODULE FOLDER: fills the disk that FOLDER is on through a journal and a commit, then makes room.
import { rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const [, , module, folder] = process.argv;
const { openJournal, readJournal, commitDirectory, verifyDirectory } = await import(module);
const refusals = [];
const refused = (error) => refusals.push(`${error.code} ${error.cause.code}`);

const reserve = join(folder, "reserve");
writeFileSync(reserve, Buffer.alloc(64 * 1024));
const commit = (name, bytes) =>
  commitDirectory(folder, name, (directory) => writeFile(join(directory, "weights"), Buffer.alloc(bytes)));
await commit("small", 16 * 1024);
await commit("large", 1024 * 1024).catch(refused);

const path = join(folder, "log.jsonl");
const journal = await openJournal(path);
let appended = 0;
while (refusals.length === 1)
  await journal.append("x".repeat(5000)).then(() => {
    appended++;
  }, refused);
rmSync(reserve);
await journal.append("after");
await journal.close();

const records = (await readJournal(path)).length;
const verified = [await verifyDirectory(join(folder, "small")), await verifyDirectory(join(folder, "large"))];
process.stdout.write(JSON.stringify({ appended, refusals, records, verified }));
