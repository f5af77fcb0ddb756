// Answers every line by itself as JSON; ends with code 3 when told to.
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "end") process.exit(3);
  process.stdout.write(`${JSON.stringify({ line, args: process.argv.slice(2) })}\n`);
}
