// npm run fixtures [-- NAME]: makes every fixture again in a temporary folder and compares it with the committed one.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");
const only = process.argv[2];
const venv = join(root, ".venv", "bin", "python");
const python = process.env.X_PYTHON ?? (existsSync(venv) ? venv : "python3");
let different = 0;

for (const name of readdirSync(join(root, "packages"))) {
  const folder = join(root, "packages", name, "test", "fixtures");
  if ((only !== undefined && only !== name) || !existsSync(folder)) continue;
  for (const script of readdirSync(folder).filter((file) => /^make.*\.py$/.test(file))) {
    const fresh = mkdtempSync(join(tmpdir(), "x-fixtures-"));
    const { status } = spawnSync(python, [join(folder, script), fresh], { stdio: ["ignore", "inherit", "inherit"] });
    if (status !== 0) {
      console.error(`fixtures: ${relative(root, join(folder, script))} failed; run npm run peers first`);
      process.exit(1);
    }
    const files = readdirSync(fresh, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const entry of files) {
      const file = relative(fresh, join(entry.parentPath, entry.name));
      const committed = join(folder, file);
      const same = existsSync(committed) && readFileSync(join(fresh, file)).equals(readFileSync(committed));
      if (!same) different++;
      console.log(`${same ? "same     " : "DIFFERENT"} ${relative(root, committed)}`);
    }
    rmSync(fresh, { recursive: true });
  }
}
process.exit(different === 0 ? 0 : 1);
