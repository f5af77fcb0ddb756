import {
  createAlpGmm,
  createCovarGmm,
  createDifficultyTarget,
  createDiscountedUcb,
  createDumpUcb,
  createEpsilonGreedy,
  createExp3,
  createFixedOrder,
  createLearnability,
  createLevelReplay,
  createRandomTeacher,
  createRiac,
  createSec,
  createSlidingWindowUcb,
  createThompson,
  createTscl,
  createUcb1,
  fitGaussianMixture,
  gvmAllocate,
  neymanAllocate,
  type Teacher,
} from "@x/curriculum";
import {
  bootstrap,
  calibrationCurve,
  discountedReturns,
  editDistance,
  gae,
  hypervolume,
  iqm,
  kMeans,
  logLoss,
  Moments,
  pairedPermutation,
  passAtK,
  perplexity,
  pseudoRegret,
  rateMeter,
  rocAuc,
  rouge,
  slidingWindows,
  spl,
  stratifiedBootstrap,
  sumNll,
} from "@x/metrics";

/** A seeded computation; `exact` unless it goes through Math.exp, log, pow or cos, which engines may round apart. */
interface Case {
  readonly exact: boolean;
  readonly run: () => unknown;
}

/** Numbers in [0, 1) that need no generator: the fractional parts of multiples of the golden ratio. */
const numbers = (count: number) => Array.from({ length: count }, (_, i) => (i * 0.6180339887498949) % 1);

/** A signal in [0, 1) that changes little with the task: digits that are rounded apart must not grow. */
function signalOf(task: unknown): number {
  if (typeof task === "string") return (task.length * 0.37) % 1;
  if (typeof task === "number") return (1 + Math.abs(task)) / 100;
  const numbers = Object.values(task as object).filter((x): x is number => typeof x === "number");
  return numbers.reduce((sum, x) => sum + x, 0) / 10;
}

/** The tasks that a teacher asks for over 40 tells, and its state. */
function asks<T>(teacher: Teacher<T>): unknown {
  const tasks: T[] = [];
  for (let i = 0; i < 40; i++) {
    const tickets = teacher.ask(4);
    tasks.push(...tickets.map((ticket) => ticket.task));
    teacher.tell(tickets.map(({ id, task }) => ({ ticket: id, signal: signalOf(task) })));
  }
  return [tasks, teacher.toJSON()];
}

const arms = ["a", "bb", "ccc", "dddd"];
const box = { low: [0, 0], high: [1, 2] };
const exact = (run: () => unknown): Case => ({ exact: true, run });
const rounded = (run: () => unknown): Case => ({ exact: false, run });

/** Each family of both packages. */
export const cases: Readonly<Record<string, Case>> = {
  "metrics/classification": exact(() =>
    rocAuc(
      numbers(500).map((x) => (x > 0.6 ? 1 : 0)),
      numbers(500).reverse(),
    ),
  ),
  "metrics/classification log loss": rounded(() => logLoss([0, 1, 1, 0], [0.1, 0.8, 0.6, 0.3])),
  "metrics/lm": exact(() => [
    slidingWindows(1000, { contextLength: 64, stride: 17, bos: true }),
    calibrationCurve(
      numbers(50),
      numbers(50).map((x) => (x > 0.5 ? 1 : 0)),
    ),
  ]),
  "metrics/lm perplexity": rounded(() => perplexity(sumNll(numbers(50).map((x) => -x)))),
  "metrics/rl": exact(() => [
    discountedReturns(numbers(20), { discount: 0.9 }),
    gae(numbers(20), numbers(20).reverse(), { discount: 0.9, traceDecay: 0.8 }),
    passAtK(20, 5, 3),
    stratifiedBootstrap([numbers(4), numbers(4).reverse(), numbers(4)], iqm, { seed: 3, reps: 500 }),
  ]),
  "metrics/text": exact(() => [
    editDistance("curriculum", "currently"),
    rouge("a b c d e f", "a c b d f g", "rougeL"),
    rouge("a b c d", "b c d a", "rouge2"),
  ]),
  "metrics/stats": exact(() => [
    bootstrap(numbers(30), { seed: 1, reps: 500, method: "percentile" }),
    pairedPermutation(
      numbers(30),
      numbers(30).map((x) => (x * 7) % 1),
      { seed: 2 },
    ),
  ]),
  "metrics/cluster": exact(() => kMeans(Float32Array.from(numbers(200)), 2, { clusters: 5, seed: 4, restarts: 2 })),
  "metrics/stream": exact(() => new Moments().addMany(numbers(100)).toJSON()),
  "metrics/decoding": exact(() =>
    hypervolume(
      numbers(20).map((x, i) => [x, i / 20]),
      [1, 1],
      ["minimise", "minimise"],
    ),
  ),
  "metrics/bandit": exact(() => pseudoRegret([0.2, 0.5, 0.9], [0, 1, 2, 2, 0])),
  "metrics/planning": exact(() => spl([{ goal: true, cost: 7, optimalCost: 5 }])),
  "metrics/throughput": rounded(() => {
    let now = 0;
    const meter = rateMeter({ clock: () => now });
    for (const x of numbers(20)) {
      now += 100 * x;
      meter.add(8);
    }
    return meter.value();
  }),
  "curriculum/bandit epsilon-greedy": exact(() => asks(createEpsilonGreedy({ arms, seed: 1, signal: "reward" }))),
  "curriculum/bandit TSCL": exact(() =>
    asks(createTscl({ arms, seed: 1, signal: "reward", method: "epsilon-greedy" })),
  ),
  "curriculum/bandit SEC": rounded(() => asks(createSec({ arms, seed: 1 }))),
  "curriculum/bandit EXP3": rounded(() => asks(createExp3({ arms, seed: 1 }))),
  "curriculum/bandit UCB": rounded(() => [
    asks(createUcb1({ arms, seed: 1 })),
    asks(createDiscountedUcb({ arms, seed: 1 })),
    asks(createSlidingWindowUcb({ arms, seed: 1 })),
    asks(createDumpUcb({ arms, seed: 1 })),
  ]),
  "curriculum/bandit Thompson": rounded(() => asks(createThompson({ arms, seed: 1 }))),
  "curriculum/continuous random": exact(() => asks(createRandomTeacher({ box, seed: 2 }))),
  "curriculum/continuous mixtures": rounded(() => [
    asks(createAlpGmm({ box, seed: 2, fitRate: 40 })),
    asks(createCovarGmm({ box, seed: 2, fitRate: 40 })),
    asks(createRiac({ box, seed: 2, maxRegionSize: 20 })),
    fitGaussianMixture(Float64Array.from(numbers(300)), 3, { components: 3, seed: 1 }),
  ]),
  "curriculum/replay": rounded(() => [
    asks(createLevelReplay({ seed: 3, generate: (rng) => rng.int(50), capacity: 20 })),
    asks(createLearnability({ seed: 3, generate: (rng) => rng.int(50), candidates: 20, keep: 5, refreshEvery: 10 })),
  ]),
  "curriculum/schedule": rounded(() => [
    asks(createFixedOrder({ tasks: arms, steps: 20, order: "easyToHard", seed: 4 })),
    asks(createDifficultyTarget({ items: arms.map((task, i) => ({ task, difficulty: 25 * i })), seed: 4 })),
  ]),
  "curriculum/allocate": exact(() => [
    neymanAllocate(numbers(30), { budget: 200, min: 1, rounding: "exact" }),
    gvmAllocate({ gradNorm: numbers(30), acceptRate: numbers(30).reverse() }, { budget: 200, beta: 1 }),
  ]),
};
