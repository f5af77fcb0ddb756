import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJournal } from "@x/core/journal";
import { bootstrapRatio, type Interval, pairedBootstrapRatio } from "@x/metrics/stats";
import type { PlanEvaluation } from "@x/planner";
import { describeRuntime } from "@x/runtime";
import type { PlannerResult } from "../pipelines/planner.js";
import type { PlannerSettings } from "../presets.js";
import { metricsOf, type Run } from "../run.js";
import { escapeHtml, htmlTable, page } from "./html.js";
import { planPicture } from "./plan-picture.js";
import { lineChart, type Series } from "./svg.js";

/** Steps whose mean is one point of a curve; the last point may have fewer. */
const window = 10;

/** The result rows: perplexity of each arm and its paired difference to the arm before it, documents resampled. */
export function resultRows({ evaluations, bayes }: Pick<PlannerResult, "evaluations" | "bayes">): string[][] {
  const units = (e: PlanEvaluation) => ({
    sums: e.documents.map((d) => d.sum),
    counts: e.documents.map((d) => d.count),
  });
  const options = { transform: Math.exp, seed: 0 };
  const rows = evaluations.map(({ arm, evaluation }, i) => {
    const before = evaluations[i - 1];
    const difference = before && pairedBootstrapRatio(units(evaluation), units(before.evaluation), options);
    return [
      arm.name,
      evaluation.nll.toFixed(4),
      interval(bootstrapRatio(units(evaluation), options), 2),
      difference
        ? `${interval(difference, 3)}${difference.low <= 0 && difference.high >= 0 ? " (no clear difference)" : ""}`
        : "",
    ];
  });
  const best = bayes === undefined ? [] : [["best possible", bayes.toFixed(4), Math.exp(bayes).toFixed(2), ""]];
  return [["arm", "nats a token", "perplexity [95 %]", "difference to the row above [95 %]"], ...rows, ...best];
}

const interval = ({ point, low, high }: Interval, digits: number): string =>
  `${point.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;

/** Writes `report.html` of a finished planner run; it needs nothing from outside. Returns its path. */
export async function writePlannerReport(run: Run, settings: PlannerSettings, result: PlannerResult): Promise<string> {
  const metrics = metricsOf(await readJournal(join(run.directory, "journal.jsonl")));
  const curve = (stage: string, value: string, offset = 0): Series => {
    const values = metrics.filter((m) => m.stage === stage && value in m.values);
    const points: [number, number][] = [];
    for (let i = 0; i < values.length; i += window) {
      const part = values.slice(i, i + window);
      points.push([offset + part.at(-1)!.step, part.reduce((sum, m) => sum + m.values[value]!, 0) / part.length]);
    }
    return { name: stage, points };
  };
  const { corpus, planner, evaluations } = result;
  const byPlace = evaluations.map(({ arm, evaluation }) => ({
    name: arm.name,
    points: evaluation.byTokenInSentence.slice(0, 10).map(({ sum, count }, place) => [place + 1, sum / count] as const),
  }));
  const sample = corpus.test.documents.find((document) => document.actions.length > 1)!;
  const path = join(run.directory, "report.html");
  const body = [
    `<p>${escapeHtml(describeRuntime())}. ${corpus.train.documents.length} training and ${corpus.test.documents.length} test documents, ${corpus.codebook.actions} writing actions.</p>`,
    "<h2>Perplexity on the test documents</h2>",
    htmlTable(resultRows(result)),
    "<p>Intervals: bootstrap over documents; differences are paired. Every arm starts from the same plain model and sees the same data in the same order.</p>",
    "<h2>Language model, training loss</h2>",
    lineChart([...evaluations.map(({ arm }) => curve(arm.name, "ntp", settings.steps.base)), curve("base", "ntp")], {
      x: "step",
      y: "nats a token",
    }),
    "<h2>Planner, next-action loss</h2>",
    lineChart([curve("planner", "loss")], { x: "step", y: "nats a sentence" }),
    "<h2>Where in the sentence the plan helps</h2>",
    lineChart(byPlace, { x: "token of the sentence", y: "nats a token" }),
    "<h2>The plan over a text</h2>",
    "<p>Above each sentence what the planner expected before it was written: one cell an action, darker is likelier; the framed cell is the action the sentence turned out to be.</p>",
    await planPicture(planner, sample, corpus.tokenizer),
    "<h2>Settings</h2>",
    `<pre><code>${escapeHtml(JSON.stringify(settings, null, 2))}</code></pre>`,
  ];
  await writeFile(`${path}.part`, page("A language model that plans", body));
  await rename(`${path}.part`, path);
  return path;
}
