// Writes docs/results.md from apps/evidence/results/*.json; with --check it only says whether the page is up to date.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = join(import.meta.dirname, "..");
const target = join(here, "..", "..", "docs", "results.md");
const number = (value) => (Math.abs(value) >= 1000 ? value.toExponential(3) : Number(value.toPrecision(4)).toString());
const verdict = (pass) => (pass === null ? "–" : pass ? "yes" : "**no**");
const row = (cells) => `| ${cells.join(" | ")} |`;

function section(result) {
  const bench = "ratios" in result;
  const head = bench
    ? ["ratio (ours ÷ peer)", "ours", "peer", "ratio", "rounds", "target", "met"]
    : ["criterion", "value", "95 % interval", "target", "met"];
  const rows = bench
    ? result.ratios.map((r) => [
        r.id,
        number(r.ours),
        number(r.peer),
        number(r.ratio),
        `${number(r.low)} … ${number(r.high)}`,
        r.target,
        verdict(r.pass),
      ])
    : result.criteria.map((c) => [
        c.id,
        number(c.value),
        c.low === c.high ? "" : `${number(c.low)} … ${number(c.high)}`,
        c.target,
        verdict(c.pass),
      ]);
  const origin = [
    bench ? "" : `${result.seeds} seeds`,
    result.backend,
    result.machine,
    `commit ${result.commit}`,
    `${result.seconds} s`,
  ];
  return [
    `## ${bench ? "Benchmark" : "Experiment"} \`${result.name}\``,
    "",
    `\`${result.command}\` — ${origin.filter(Boolean).join("; ")}.`,
    "",
    row(head),
    row(head.map(() => "---")),
    ...rows.map(row),
    "",
    ...curves(result.tables?.curves ?? {}),
  ].join("\n");
}

/** Learning curves, the mean over seeds: a row a step, a column an arm. */
function curves(arms) {
  const names = Object.keys(arms);
  if (names.length === 0) return [];
  const steps = [...new Set(names.flatMap((name) => arms[name].map((point) => point.step)))].sort((a, b) => a - b);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = (name, step) => arms[name].find((point) => point.step === step);
  return [
    "Along the way, nats, mean over seeds:",
    "",
    row(["step", ...names]),
    row(["---", ...names.map(() => "---")]),
    ...steps.map((step) =>
      row([step, ...names.map((name) => (at(name, step) ? number(mean(at(name, step).nats)) : ""))]),
    ),
    "",
  ];
}

const files = readdirSync(join(here, "results"))
  .filter((file) => file.endsWith(".json"))
  .sort();
const page = [
  "# Results",
  "",
  "Written by `npm run results` from `apps/evidence/results`; nobody types a number here. A criterion without a target is",
  "reported whatever its sign. Intervals over seeds are Student's of the paired differences, intervals over documents paired",
  "bootstraps. A ratio with ≤ is the better the lower it is (times, bytes), one with ≥ the higher (things per second); an aim is",
  "where the project is going and judges nothing.",
  "",
  "Times are in ms, and *rounds* are the lowest and the highest ratio of the interleaved rounds; where a peer's own times stray by",
  "more than 15 %, nothing is judged. Models: S is 64 wide with 2 layers, a vocabulary of 256, and 16 × 64 tokens a step; M 256, 4,",
  "2,048, 8 × 128; A 128, 4, 512, 16 × 128; 124M is GPT-2. `decode` draws 128 tokens (124M: 32) after prompts of 16. *Huge pages*:",
  "the peer with malloc on huge pages. *Own eager*: our step without programs, `X_JIT=off`.",
  "",
  ...files.map((file) => section(JSON.parse(readFileSync(join(here, "results", file), "utf8")))),
].join("\n");

if (!process.argv.includes("--check")) writeFileSync(target, page);
else if (readFileSync(target, "utf8") !== page) {
  console.error("docs/results.md differs from apps/evidence/results: run npm run results");
  process.exit(1);
}
