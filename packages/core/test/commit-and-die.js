// node commit-and-die.js MODULE PARENT TEXT NUMBER: commits PARENT/last but is killed before its NUMBERth file operation.
import { promises } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

const [, , module, parent, text, number] = process.argv;
const { commitDirectory } = await import(module);
const { mkdir, writeFile } = await import("node:fs/promises");

let left = Number(number);
function guard(owner, name) {
  const run = owner[name];
  owner[name] = function (...args) {
    left--;
    if (left === 0) process.kill(process.pid, "SIGKILL");
    return run.apply(this, args);
  };
}
const handle = await promises.open(process.execPath);
for (const name of ["sync", "close"]) guard(Object.getPrototypeOf(handle), name);
for (const name of ["mkdir", "open", "readdir", "rename", "rm", "writeFile"]) guard(promises, name);
syncBuiltinESMExports();

await commitDirectory(parent, "last", async (directory) => {
  await writeFile(join(directory, "weights.bin"), text.repeat(1000));
  await mkdir(join(directory, "state"));
  await writeFile(join(directory, "state", "rng.json"), JSON.stringify(text));
});
