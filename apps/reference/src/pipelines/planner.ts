import { throwIfAborted } from "@x/core";
import { LanguageModel, lmConfig } from "@x/lm";
import {
  ActionAdapter,
  evaluatePlanning,
  type PlanEvaluation,
  Planner,
  type PlanSource,
  trainJoint,
  trainPlanner,
} from "@x/planner";
import { sentenceLanguage } from "@x/planner/synthetic";
import type { NamedVariables } from "@x/runtime";
import type { Selection } from "@x/soft-select";
import { holdOut, type PreparedCorpus, prepareCorpus, type Watch } from "../corpus.js";
import { readDocuments } from "../documents.js";
import type { PlannerSettings } from "../presets.js";
import { type Run, runStage, type Show } from "../run.js";

/** A way to hand the plan to the language model. */
export interface Arm {
  readonly name: string;
  readonly source: PlanSource;
  readonly selection?: Selection;
}

/** The plain model, the argmax of the earlier paper, and the mix of the later one. */
export const arms: readonly Arm[] = [
  { name: "plain", source: "none" },
  { name: "hard", source: "planner", selection: { kind: "hard" } },
  { name: "soft", source: "planner", selection: { kind: "soft" } },
];

/** What a planner run found. */
export interface PlannerResult {
  readonly corpus: PreparedCorpus;
  readonly planner: Planner;
  readonly evaluations: readonly { readonly arm: Arm; readonly evaluation: PlanEvaluation }[];
  /** Exact best nats a token on the test stories; for the generated language only. */
  readonly bayes?: number;
}

/**
 * The planner papers from end to end: writing actions from unlabelled text, next-action prediction, a plain language
 * model, then one copy of it for each arm, trained on with the same data in the same order.
 *
 * @paper 2404.00614 section 3
 * @paper 2410.12492 section 3
 */
export async function plannerPipeline(
  run: Run,
  settings: PlannerSettings,
  options: {
    readonly show: Show;
    readonly say: (line: string) => void;
    readonly watch?: Watch;
    readonly signal?: AbortSignal;
  },
): Promise<PlannerResult> {
  const { show, say, signal } = options;
  const watch: Watch = async (label, work) => {
    throwIfAborted(signal);
    return options.watch === undefined ? work() : options.watch(label, work);
  };
  const { seed, steps, learningRates, length, batchSize, checkpointEvery } = settings;
  const control = { checkpointEvery, ...(signal && { signal }) };

  const { bayes, ...texts } = await readTexts(settings);
  const { tokenizer: given, ...parts } = texts;
  const corpus = await prepareCorpus(parts, {
    ...settings,
    watch,
    ...(signal && { signal }),
    ...(given && { tokenizer: given }),
  });
  const { train, test, codebook, tokenizer } = corpus;
  say(
    `${train.documents.length} training and ${test.documents.length} test documents, ${tokenizer.vocabSize} tokens, ${codebook.actions} actions`,
  );

  const planner = Planner.create(codebook, { hidden: settings.planner.hidden, seed });
  await runStage(
    run,
    {
      name: "planner",
      variables: planner.variables,
      run: (resume) =>
        trainPlanner(planner, train, {
          steps: steps.planner,
          learningRate: learningRates.planner,
          batchSize: 2 * batchSize,
          length,
          seed,
          ...control,
          ...(resume && { resume }),
        }),
    },
    show,
  );

  const config = lmConfig({ family: "gpt2", vocabSize: tokenizer.vocabSize, maxPositions: length, ...settings.lm });
  const base = LanguageModel.create(config, { seed });
  await runStage(
    run,
    {
      name: "base",
      variables: base.variables,
      run: (resume) =>
        trainJoint({ lm: base }, train, {
          source: "none",
          lm: "train",
          steps: steps.base,
          learningRates: { adapter: learningRates.base },
          batchSize,
          length,
          seed,
          ...control,
          ...(resume && { resume }),
        }),
    },
    show,
  );

  const evaluations: { arm: Arm; evaluation: PlanEvaluation }[] = [];
  for (const arm of arms) {
    const { name, source, selection = { kind: "soft" } } = arm;
    const lm = LanguageModel.create(config, { seed });
    copyVariables(base.variables, lm.variables);
    const adapter = ActionAdapter.create(lm, codebook, { skipLayers: settings.skipLayers, seed });
    await runStage(
      run,
      {
        name,
        variables: new Map([...lm.variables, ...adapter.variables]),
        run: (resume) =>
          trainJoint({ lm, adapter, planner }, train, {
            source,
            selection,
            lm: "train",
            steps: steps.arm,
            learningRates: { adapter: learningRates.arm },
            batchSize,
            length,
            seed: seed + 1,
            ...control,
            ...(resume && { resume }),
          }),
      },
      show,
    );
    const evaluation = await watch(`measuring ${name} on the test documents`, () =>
      evaluatePlanning({ lm, adapter, planner }, test, { source, selection, length, ...control }),
    );
    evaluations.push({ arm, evaluation });
    lm.dispose();
    adapter.dispose();
  }
  base.dispose();
  return { corpus, planner, evaluations, ...(bayes !== undefined && { bayes }) };
}

/** Copies values by name; both sides have the same names. */
export function copyVariables(from: NamedVariables, to: NamedVariables): void {
  for (const [name, variable] of to) variable.assign(from.get(name)!);
}

async function readTexts({ data, testShare, seed }: PlannerSettings) {
  if ("path" in data) {
    const documents = (await readDocuments(data.path)).map((document) => document.text);
    return holdOut(documents, testShare, seed) as {
      train: string[];
      test: string[];
      tokenizer?: undefined;
      bayes?: undefined;
    };
  }
  const language = sentenceLanguage({ seed: "demo" });
  const [train, test] = [
    language.sample(data.language.train, `train ${seed}`),
    language.sample(data.language.test, `test ${seed}`),
  ];
  const text = (stories: readonly { readonly text: string }[]) => stories.map((story) => story.text);
  return {
    train: text(train),
    test: text(test),
    tokenizer: language.tokenizer,
    bayes: language.references(test).bayes,
  };
}
