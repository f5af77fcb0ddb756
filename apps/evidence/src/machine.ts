import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

const here = import.meta.dirname;

/** The commit that runs, with `+` when the tree differs from it otherwise than by results; "unknown" outside a repository. */
export function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: here, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const results = [":(top,exclude)apps/evidence/results", ":(top,exclude)docs/results.md"];
    const changes = git("status", "--porcelain", "--", ":(top)", ...results);
    return git("rev-parse", "--short", "HEAD") + (changes === "" ? "" : "+");
  } catch {
    return "unknown";
  }
}

/** The class of the machine, for the tables: cores, memory, Node. */
export const machine = (): string =>
  `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
