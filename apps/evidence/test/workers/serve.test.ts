import { Readable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { serve, serveCalls } from "../../src/workers/serve.js";

afterEach(() => void vi.restoreAllMocks());

/** What a worker answers to these lines. */
async function talk(lines: readonly string[], worker: () => Promise<void>): Promise<Record<string, unknown>[]> {
  const answers: string[] = [];
  const input = Readable.from(lines.map((line) => `${line}\n`));
  vi.spyOn(process, "stdin", "get").mockReturnValue(input as typeof process.stdin);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => answers.push(`${text}`) > 0);
  await worker();
  vi.restoreAllMocks();
  return answers.map((answer) => JSON.parse(answer));
}

describe("serve", () => {
  it("answers with the time of every run and what the last one gave, also when it gives it later", async () => {
    let run = 0;
    const [first, second] = await talk(["steps 2", "steps 1"], () => serve(async () => ({ loss: ++run })));
    expect(first).toMatchObject({ loss: 2, ms: [expect.any(Number), expect.any(Number)] });
    expect(second).toMatchObject({ loss: 3, ms: [expect.any(Number)] });
  });

  it("tells the memory of its process, the peak not below what it holds", async () => {
    const [{ peak, resident }] = (await talk(["memory"], () => serve(() => ({})))) as [Record<string, number>];
    expect(resident).toBeGreaterThan(2 ** 20);
    expect(peak).toBeGreaterThanOrEqual(resident!);
  });
});

describe("serveCalls", () => {
  it("makes the calls of that name and gives their time and the last value", async () => {
    let calls = 0;
    const answers = await talk(["one 3", "two 1"], () => serveCalls({ one: () => ++calls, two: () => "two" }));
    expect(answers).toMatchObject([{ value: 3 }, { value: "two" }]);
    for (const { ms } of answers) expect(ms).toBeGreaterThanOrEqual(0);
  });
});
