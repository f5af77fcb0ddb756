import { readFileSync } from "node:fs";
import { LanguageModel, lmConfig } from "@x/lm";
import { evaluatePlanning, type PlanEvaluation, Planner } from "@x/planner";
import { describe, expect, it } from "vitest";
import { prepareCorpus } from "../../src/corpus.js";
import { arms, type PlannerResult } from "../../src/pipelines/planner.js";
import { demo } from "../../src/presets.js";
import { resultRows, writePlannerReport } from "../../src/report/planner-report.js";
import { openRun } from "../../src/run.js";
import { temporaryFolder, tinyTexts } from "../tiny.js";

const at = temporaryFolder();

/** An evaluation of documents of ten tokens with these mean losses. */
function evaluation(...nats: number[]): PlanEvaluation {
  const nll = nats.reduce((sum, n) => sum + n, 0) / nats.length;
  const documents = nats.map((mean) => ({ sum: 10 * mean, count: 10 }));
  const shared = { source: "none", upperBound: false, byTokenInSentence: [] } as const;
  return { ...shared, nll, perplexity: Math.exp(nll), tokens: 10 * nats.length, documents };
}
const rowsOf = (...all: PlanEvaluation[]) =>
  resultRows({ evaluations: all.map((evaluation, i) => ({ arm: arms[i]!, evaluation })) });

describe("resultRows", () => {
  const losses = [1.0, 1.2, 0.9, 1.1, 1.3, 0.8, 1.0, 1.1];
  const better = losses.map((n) => n - 0.1);
  const mixed = losses.map((n, i) => n + (i % 2 === 0 ? 0.1 : -0.1));

  it("gives each arm's nats, its perplexity inside its interval, and the paired difference to the row above", () => {
    const [head, plain, hard] = rowsOf(evaluation(...losses), evaluation(...better));
    expect(head).toEqual(["arm", "nats a token", "perplexity [95 %]", "difference to the row above [95 %]"]);
    expect(plain!.slice(0, 2)).toEqual(["plain", "1.0500"]);
    const [point, low, high] = plain![2]!.match(/[\d.]+/g)!.map(Number);
    expect(point).toBeCloseTo(Math.exp(1.05), 2);
    expect([low! < point!, point! < high!, plain![3]]).toEqual([true, true, ""]);
    expect(hard!.slice(0, 2)).toEqual(["hard", "0.9500"]);
    expect(Number(/^-[\d.]+/.exec(hard![3]!)?.[0])).toBeCloseTo(Math.exp(0.95) - Math.exp(1.05), 3);
  });

  it("says that there is no clear difference when its interval holds 0, and only then", () => {
    const [, , hard, soft] = rowsOf(evaluation(...losses), evaluation(...better), evaluation(...better));
    expect(hard![3]).not.toContain("no clear difference");
    expect(soft![3]).toBe("0.000 [0.000, 0.000] (no clear difference)");
    expect(rowsOf(evaluation(...losses), evaluation(...mixed))[2]![3]).toContain("(no clear difference)");
  });

  it("ends with the best that is possible, where that is known", () => {
    const rows = resultRows({ evaluations: [{ arm: arms[0]!, evaluation: evaluation(1, 1.1) }], bayes: 0.5 });
    expect(rows.at(-1)).toEqual(["best possible", "0.5000", "1.65", ""]);
  });
});

describe("writePlannerReport", () => {
  it("writes one page that runs nothing, with the table, a curve of each stage, the plan and the settings", async () => {
    const texts = { train: tinyTexts(6), test: tinyTexts(2, { seed: 2 }) };
    const corpus = await prepareCorpus(texts, { vocabulary: 260, actions: 3, embedding: 4, seed: 1 });
    const planner = Planner.create(corpus.codebook, { hidden: 8, seed: 1 });
    const config = lmConfig({ family: "gpt2", vocabSize: 260, hidden: 8, layers: 1, heads: 2, maxPositions: 16 });
    const lm = LanguageModel.create(config, { seed: 1 });
    const evaluation = await evaluatePlanning({ lm }, corpus.test, { source: "none", length: 16 });
    const result: PlannerResult = { corpus, planner, evaluations: [{ arm: arms[0]!, evaluation }], bayes: 1 };

    const run = await openRun(at("runs"), "report", {});
    for (const [stage, value, steps] of [
      ["planner", "loss", 11],
      ["base", "ntp", 20],
      ["plain", "ntp", 9],
    ] as const)
      for (let step = 1; step <= steps; step++)
        await run.journal.append({ kind: "metric", stage, step, values: { [value]: 1 / step } });
    const path = await writePlannerReport(run, { ...demo, data: { path: "<script>", content: "" } }, result);
    await run.journal.close();
    for (const owner of [planner, lm]) owner.dispose();

    const html = readFileSync(path, "utf8");
    for (const row of resultRows(result))
      expect(html).toContain(`<td>${row[0]}</td>`.replace(/td>arm<\/td/, "th>arm</th"));
    expect(html.match(/<figure>/g)).toHaveLength(3);
    expect(html.match(/<polyline[^>]* points="\S+ \S+"/g)).toHaveLength(2); // planner and base
    expect(html.match(/<circle/g)).toHaveLength(1); // the nine steps of the plain arm
    expect(html.match(/class="plan"/g)).toHaveLength(4);
    expect(html).not.toMatch(/<script|(src|href)=|NaN|undefined/);
    expect(html).toContain("&#60;script&#62;");
  });
});
