import { ConfigError } from "@x/core";
import { lmConfig } from "@x/lm";
import { meanInterval, pairedBootstrapRatio } from "@x/metrics/stats";
import type { PlanEvaluation } from "@x/planner";
import { holdOut, prepareCorpus, readDocuments, type TextDocument } from "@x/reference";
import { createRuntime } from "@x/runtime";
import { type ArmOptions, pretrainedBase, pretrainedPlanner, runArm, type Start } from "../arms.js";
import { type Criterion, criterion, type Experiment } from "../experiment.js";

const length = 128;
const batchSize = 16;
const steps = 300;
const learningRates = { adapter: 5e-4 };

const arms: Readonly<Record<string, ArmOptions>> = {
  plain: { steps, source: "none", learningRates },
  fixed: { steps, source: "fixed", learningRates },
  hard: { steps, selection: { kind: "hard" }, learningRates },
  soft: { steps, selection: { kind: "soft" }, learningRates },
};

/** Categories that no training document has: does the planner help on prose of another kind? */
const foreign = new Set(["science_fiction", "mystery", "romance", "adventure", "humor"]);

/**
 * The planner papers on real text: documents held out of the categories trained on, and all documents of five categories
 * never trained on. Everything is reported, whatever its sign.
 *
 * Fixed before the run: vocabulary 2,048 (byte pairs), K = 64, language model 4 layers of width 128, planner 1 layer of
 * width 128; steps: next-action prediction 400, plain 700, arms 300; the planner is frozen in the arms.
 *
 * @paper 2404.00614 section 4
 * @paper 2410.12492 section 4
 */
export const plannerBrown: Experiment = {
  name: "planner-brown",
  defaultSeeds: 3,
  tensors: true,
  async run({ seeds, data, say }) {
    if (data === undefined) throw new ConfigError("planner-brown: needs --data FILE, a jsonl of { category, text }");
    await createRuntime();
    const documents = await readDocuments(data);
    const away = documents.filter((document) => foreign.has(document.category ?? ""));
    const home = documents.filter((document) => !foreign.has(document.category ?? ""));
    const found = new Map<string, PlanEvaluation[]>();
    const heldOut: string[][] = [];

    for (const seed of seeds) {
      const { train, test } = holdOut(home, 0.12, seed);
      heldOut.push(test.map((document) => document.id));
      const text = (list: readonly TextDocument[]) => list.map((document) => document.text);
      const corpus = await prepareCorpus(
        { train: text(train), test: text([...test, ...away]) },
        { vocabulary: 2048, actions: 64, embedding: 64, seed },
      );
      say(
        `seed ${seed}: ${train.length} training documents, ${test.length} held out, ${away.length} of other categories`,
      );
      const config = lmConfig({
        family: "gpt2",
        hidden: 128,
        layers: 4,
        heads: 4,
        vocabSize: corpus.tokenizer.vocabSize,
        maxPositions: length,
      });
      const base = await pretrainedBase(corpus, config, { steps: 700, batchSize, learningRate: 1e-3, length, seed });
      const start: Start = {
        corpus,
        config,
        base: base.variables,
        skipLayers: 1,
        length,
        batchSize,
        seed,
        planner: await pretrainedPlanner(corpus, {
          hidden: 128,
          steps: 400,
          batchSize: 32,
          learningRate: 1e-3,
          length,
          seed,
        }),
      };
      for (const [name, arm] of Object.entries(arms)) {
        const evaluation = await runArm(start, arm);
        found.set(name, [...(found.get(name) ?? []), evaluation]);
        say(
          `seed ${seed}  ${name.padEnd(6)} perplexity ${evaluation.perplexity.toFixed(2)}${evaluation.nap ? `, next action ${evaluation.nap.loss.toFixed(3)} (accuracy ${evaluation.nap.accuracy.toFixed(3)})` : ""}`,
        );
      }
      base.dispose();
      start.planner.dispose();
    }

    const of = (name: string, where: "home" | "away") =>
      found.get(name)!.map((evaluation, i) => {
        const part =
          where === "home"
            ? evaluation.documents.slice(0, heldOut[i]!.length)
            : evaluation.documents.slice(heldOut[i]!.length);
        return { sums: part.map((d) => d.sum), counts: part.map((d) => d.count) };
      });
    const mean = (units: { sums: number[]; counts: number[] }) =>
      units.sums.reduce((a, b) => a + b) / units.counts.reduce((a, b) => a + b);
    const nats = (name: string, where: "home" | "away") => of(name, where).map(mean);
    const overSeeds = (a: string, b: string, where: "home" | "away") => {
      const [left, right] = [nats(a, where), nats(b, where)];
      return meanInterval(left.map((x, i) => x - right[i]!));
    };
    // A document that several seeds measured is one unit.
    const overDocuments = (a: string, b: string, where: "home" | "away") => {
      const join = (name: string) => {
        const units = new Map<string, { sum: number; count: number }>();
        found.get(name)!.forEach((evaluation, i) => {
          const ids = where === "home" ? heldOut[i]! : away.map((document) => document.id);
          const offset = where === "home" ? 0 : heldOut[i]!.length;
          ids.forEach((id, k) => {
            const { sum, count } = evaluation.documents[offset + k]!;
            const unit = units.get(id) ?? { sum: 0, count: 0 };
            units.set(id, { sum: unit.sum + sum, count: unit.count + count });
          });
        });
        const list = [...units.values()];
        return { sums: list.map((unit) => unit.sum), counts: list.map((unit) => unit.count) };
      };
      return pairedBootstrapRatio(join(a), join(b), { reps: 20_000 });
    };
    const pairs = [
      ["plain", "fixed"],
      ["plain", "hard"],
      ["plain", "soft"],
      ["hard", "soft"],
    ] as const;
    const criteria: Criterion[] = pairs.flatMap(([a, b]) => [
      ...(seeds.length > 1
        ? [criterion(`${a} − ${b}, held out, nats, over seeds`, overSeeds(a, b, "home"), "report")]
        : []),
      criterion(`${a} − ${b}, held out, nats, over documents`, overDocuments(a, b, "home"), "report"),
      criterion(`${a} − ${b}, other categories, nats, over documents`, overDocuments(a, b, "away"), "report"),
    ]);
    const perplexities = Object.keys(arms).map((name) => [
      name,
      { heldOut: nats(name, "home").map(Math.exp), otherCategories: nats(name, "away").map(Math.exp) },
    ]);
    return { criteria, tables: { perplexity: Object.fromEntries(perplexities) } };
  },
};
