import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { commit, machine } from "../src/machine.js";

afterEach(() => void vi.unstubAllEnvs());

describe("commit", () => {
  it("is a short hash, with + for a changed tree, or unknown", () => {
    expect(commit()).toMatch(/^([0-9a-f]{7,40}\+?|unknown)$/);
  });

  it("is unknown outside a repository", () => {
    vi.stubEnv("GIT_DIR", join(tmpdir(), "no-repository"));
    expect(commit()).toBe("unknown");
  });
});

describe("machine", () => {
  it("says cores, memory and Node, and nothing that names the machine", () => {
    const [, cores, memory, node] = /^(\d+) cores, (\d+) GiB, Node (\S+)$/.exec(machine())!;
    expect(Number(cores)).toBeGreaterThanOrEqual(availableParallelism());
    expect(Number(memory)).toBeGreaterThan(0);
    expect(`v${node}`).toBe(process.version);
  });
});
