// publint --strict and attw over every package: what npm would publish resolves and type-checks for its users.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");
const run = (args, cwd) => spawnSync("npx", ["--no-install", ...args], { cwd, encoding: "utf8" });
let failed = false;

for (const name of readdirSync(join(root, "packages"))) {
  const cwd = join(root, "packages", name);
  for (const args of [
    ["publint", "--strict"],
    ["attw", "--pack", ".", "--profile", "esm-only", "--format", "ascii"],
  ]) {
    const { status, stdout, stderr } = run(args, cwd);
    if (status === 0) continue;
    failed = true;
    console.error(`@x/${name}: ${args[0]} found\n${stdout}${stderr}`);
  }
}
if (!failed) console.log("packaging: publint and attw find nothing to complain about");
process.exit(failed ? 1 : 0);
