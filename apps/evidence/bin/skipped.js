// Names what `npm test` left out, so that a green run never hides it.
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");
const left = ["packages", "apps", "."]
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name, "test")))
  .filter(existsSync)
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true }).filter((file) => /\.(slow|extra)\.test\.ts$/.test(file)),
  )
  .map((file) => basename(file));

if (left.length > 0) {
  console.log(`Left out here, run by npm run test:all (slow: also by npm run check): ${left.sort().join(", ")}`);
  console.log(
    "Extras need: npm run native (TensorFlow), npm run peers (Python), chromium and unshare (apt-get install chromium util-linux).",
  );
}
