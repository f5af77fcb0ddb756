import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { opTable } from "../../src/graph/op-table.js";

// Needs python3 and `npm run native`.
it("op-table.ts is what scripts/op-table.py writes", () => {
  const script = join(import.meta.dirname, "../../scripts/op-table.py");
  const written = execFileSync("python3", [script], { encoding: "utf8", stdio: "pipe" });
  const code = written.slice(written.indexOf("= {") + 2, written.lastIndexOf(";"));
  expect(Function(`return ${code}`)()).toEqual(opTable);
});
