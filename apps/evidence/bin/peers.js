// npm run peers: makes .venv at the root from the pinned requirements of the Python peers.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");
const venv = join(root, ".venv");
const python = join(venv, "bin", "python");

run(process.env.X_PYTHON ?? "python3", ["-m", "venv", venv], existsSync(python));
run(python, ["-m", "pip", "install", "--quiet", "--requirement", join(root, "apps/evidence/peers/requirements.txt")]);
console.log(`peers: ready in ${venv}`);

function run(command, args, done = false) {
  if (done) return;
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error?.code === "ENOENT") exit(`peers: ${command} is missing; install Python 3.10 or newer with its venv module`);
  if (status !== 0) exit(`peers: ${command} ${args.slice(0, 3).join(" ")} … ended with ${status}`);
}

function exit(message) {
  console.error(message);
  process.exit(1);
}
