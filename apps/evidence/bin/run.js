// npm run -s evidence -- NAME … | npm run -s bench -- NAME …: builds what is needed (on standard error), then runs it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..", "..", "..");
const turbo = join(root, "node_modules", "turbo", "bin", "turbo");
const build = spawnSync(
  process.execPath,
  [turbo, "run", "build", "--filter=@x/evidence...", "--output-logs=errors-only"],
  {
    cwd: root,
    stdio: ["ignore", 2, 2],
  },
);
if (build.status !== 0) process.exit(build.status ?? 1);
await import(pathToFileURL(join(import.meta.dirname, "..", "dist", "cli.js")).href);
