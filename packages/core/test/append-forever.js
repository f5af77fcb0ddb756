// node append-forever.js MODULE FILE: appends 0, 1, 2, … without waiting and prints each number when it is durable.
import { writeSync } from "node:fs";

const [, , module, file] = process.argv;
const { openJournal } = await import(module);
const journal = await openJournal(file);

for (let i = journal.records.length; ; i++) {
  journal.append(i).then(() => writeSync(1, `${i}\n`));
  if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
}
