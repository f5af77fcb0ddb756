import { LanguageModel, type LmConfig } from "@x/lm";
import {
  ActionAdapter,
  evaluatePlanning,
  type PlanEvaluation,
  Planner,
  type TrainJointOptions,
  trainJoint,
  trainPlanner,
} from "@x/planner";
import { copyVariables, type PreparedCorpus } from "@x/reference";
import type { NamedVariables } from "@x/runtime";

/** What all arms of a seed share: data, the plain model and the planner that each starts from. */
export interface Start {
  readonly corpus: PreparedCorpus;
  readonly config: LmConfig;
  readonly base: NamedVariables;
  readonly planner: Planner;
  readonly skipLayers: number;
  readonly length: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** One way to train on: the options of the joint stage that set it apart. */
export type ArmOptions = Pick<
  TrainJointOptions,
  "steps" | "source" | "selection" | "planner" | "napWeight" | "learningRates" | "planGradient"
>;

/** What an arm came to, and its loss on the test documents along the way. */
export interface ArmResult extends PlanEvaluation {
  readonly curve: readonly { readonly step: number; readonly nll: number }[];
}

/** Runs a trainer to its end, and `measure` after every so many steps. */
async function finish(
  events: AsyncIterable<{ readonly type: string; readonly step: number }>,
  every = Infinity,
  measure: (step: number) => Promise<void> = async () => {},
): Promise<void> {
  for await (const { type, step } of events) if (type === "step" && step % every === 0) await measure(step);
}

/** Next-action prediction from fresh weights. */
export async function pretrainedPlanner(
  corpus: PreparedCorpus,
  o: {
    readonly hidden: number;
    readonly steps: number;
    readonly batchSize: number;
    readonly learningRate: number;
    readonly length: number;
    readonly seed: number;
  },
): Promise<Planner> {
  const planner = Planner.create(corpus.codebook, { hidden: o.hidden, seed: o.seed });
  await finish(trainPlanner(planner, corpus.train, o));
  return planner;
}

/** A plain language model from fresh weights. */
export async function pretrainedBase(
  corpus: PreparedCorpus,
  config: LmConfig,
  o: {
    readonly steps: number;
    readonly batchSize: number;
    readonly learningRate: number;
    readonly length: number;
    readonly seed: number;
  },
): Promise<LanguageModel> {
  const lm = LanguageModel.create(config, { seed: o.seed });
  const { learningRate, ...rest } = o;
  await finish(
    trainJoint({ lm }, corpus.train, {
      ...rest,
      source: "none",
      lm: "train",
      learningRates: { adapter: learningRate },
    }),
  );
  return lm;
}

/**
 * Trains one arm from the common start, language model included, and measures it on the test documents with the plan it
 * was trained with (a straight-through arm therefore with the hard one), at the end and every `every` steps. The start is
 * left as it was.
 */
export async function runArm(start: Start, arm: ArmOptions, every?: number): Promise<ArmResult> {
  const { corpus, config, length, batchSize, seed } = start;
  const lm = LanguageModel.create(config, { seed });
  copyVariables(start.base, lm.variables);
  const planner = Planner.create(corpus.codebook, { ...start.planner.config, seed });
  copyVariables(start.planner.variables, planner.variables);
  const adapter = ActionAdapter.create(lm, corpus.codebook, { skipLayers: start.skipLayers, seed });
  const model = { lm, adapter, planner };
  const { source = "planner", selection = { kind: "soft" } } = arm;
  const evaluate = () => evaluatePlanning(model, corpus.test, { source, selection, length });
  const curve: { step: number; nll: number }[] = [];
  await finish(
    trainJoint(model, corpus.train, { ...arm, source, selection, lm: "train", length, batchSize, seed: seed + 1000 }),
    every,
    async (step) => void curve.push({ step, nll: (await evaluate()).nll }),
  );
  const evaluation = await evaluate();
  for (const owner of [lm, planner, adapter]) owner.dispose();
  return { ...evaluation, curve };
}
