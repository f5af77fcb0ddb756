import { createRng } from "@x/core";
import type { Teacher } from "@x/curriculum";
import { createSec } from "@x/curriculum/bandit";
import { createFixedOrder, type Order } from "@x/curriculum/schedule";
import {
  ascend,
  attemptLevel,
  createStudent,
  grpoGradient,
  type Student,
  successProbability,
} from "@x/curriculum/simulate";
import { mean, meanInterval } from "@x/metrics/stats";
import { type Criterion, criterion, type Experiment, type Target } from "../experiment.js";

const trained = 6;
const unseen = 2;
const batch = 16;
const rollouts = 8;
const learningRate = 1;
const levels = Array.from({ length: trained }, (_, k) => `${k + 1}`);

/** How the student fared: mean success on the trained levels and on the harder ones, and the area under the first. */
interface Run {
  readonly id: number;
  readonly ood: number;
  readonly area: number;
}

/** Who chooses the levels; the oracle, which sees the student, is no teacher. */
const teachers = {
  random: (steps: number, seed: number) => ordered("uniform", steps, seed),
  "easy→hard": (steps: number, seed: number) => ordered("easyToHard", steps, seed),
  "hard→easy": (steps: number, seed: number) => ordered("hardToEasy", steps, seed),
  SEC: (_steps: number, seed: number) => sec("keep", seed),
  "SEC, decay": (_steps: number, seed: number) => sec("decay", seed),
  oracle: () => undefined,
} as const;
type Arm = keyof typeof teachers;
const arms = Object.keys(teachers) as Arm[];

function ordered(order: Order, steps: number, seed: number): Teacher<string> {
  return createFixedOrder({ seed: `${order} ${seed}`, tasks: levels, order, steps });
}

function sec(unobserved: "keep" | "decay", seed: number): Teacher<string> {
  return createSec({ arms: levels, seed: `sec ${seed}`, learningRate: 0.5, temperature: 0.2, unobserved });
}

/** The trained level where p (1 − p) is largest. */
function mostLearnable(student: Student): string {
  const learnability = levels.map((level) => {
    const p = successProbability(student, Number(level));
    return p * (1 - p);
  });
  return levels[learnability.indexOf(Math.max(...learnability))]!;
}

/** Trains a fresh student by GRPO for `steps` batches; its success is known exactly at every step. */
function train(arm: Arm, steps: number, seed: number): Run {
  let student = createStudent(trained + unseen, createRng(`student ${seed}`));
  const teacher = teachers[arm](steps, seed);
  const rng = createRng(`${arm} ${seed}`);
  const success = (from: number, to: number) => {
    return mean(Array.from({ length: to - from + 1 }, (_, i) => successProbability(student, from + i)));
  };
  const curve: number[] = [];
  for (let step = 0; step < steps; step++) {
    const tickets = teacher?.ask(batch);
    const chosen = tickets?.map((ticket) => ticket.task) ?? new Array<string>(batch).fill(mostLearnable(student));
    const groups = chosen.map((level) => {
      return Array.from({ length: rollouts }, () => attemptLevel(student, Number(level), rng));
    });
    student = ascend(student, grpoGradient(student, groups), learningRate);
    const rewards = groups.map((group) => group.map((attempt) => attempt.reward));
    if (tickets) teacher!.tell(tickets.map((ticket, i) => ({ ticket: ticket.id, rewards: rewards[i]! })));
    curve.push(success(1, trained));
  }
  return { id: curve.at(-1)!, ood: success(trained + 1, trained + unseen), area: mean(curve) };
}

/**
 * SEC with a student of nested skills and real GRPO: against levels at random, fixed orders and an oracle that sees p and
 * goes where p (1 − p) is largest. ID is the mean success on the six trained levels, OOD on two harder ones, the area is the
 * mean ID over the steps.
 *
 * Fixed before the run: 16 groups of 8 attempts a step, learning rate 1; α = 0.5, τ = 0.2, signal |A|; fixed orders in equal
 * blocks over the true horizon; 40 steps, and 120 for what more of them change.
 *
 * @paper 2505.14970 section 4
 */
export const secSimulated: Experiment = {
  name: "sec-simulated",
  defaultSeeds: 12,
  tensors: false,
  async run({ seeds, say }) {
    const found = new Map<string, Run[]>();
    const horizons = [40, 120];
    for (const steps of horizons)
      for (const arm of arms) {
        const runs = seeds.map((seed) => train(arm, steps, seed));
        found.set(`${arm} ${steps}`, runs);
        const [id, ood, area] = (["id", "ood", "area"] as const).map((key) =>
          mean(runs.map((run) => run[key])).toFixed(3),
        );
        say(`${steps} steps  ${arm.padEnd(10)} ID ${id}, OOD ${ood}, area ${area}`);
      }
    const values = (arm: Arm, steps: number, key: keyof Run) => found.get(`${arm} ${steps}`)!.map((run) => run[key]);
    const gain = (key: keyof Run, a: Arm, b: Arm, steps: number, target: Target): Criterion => {
      const [left, right] = [values(a, steps, key), values(b, steps, key)];
      const name = key === "area" ? "area" : `final ${key.toUpperCase()}`;
      return criterion(`${name}, ${steps} steps: ${a} − ${b}`, meanInterval(left.map((x, i) => x - right[i]!)), target);
    };
    const area = (arm: Arm) => mean(values(arm, 40, "area"));
    const criteria = [
      gain("area", "SEC", "random", 40, { lowAbove: 0 }),
      gain("id", "SEC", "random", 40, { lowAbove: 0 }),
      gain("ood", "SEC", "random", 40, { lowAbove: 0 }),
      gain("area", "SEC", "hard→easy", 40, { lowAbove: 0 }),
      gain("id", "SEC", "hard→easy", 40, { lowAbove: 0 }),
      gain("ood", "SEC", "hard→easy", 40, { lowAbove: 0 }),
      gain("area", "SEC", "easy→hard", 40, { lowAbove: 0 }),
      gain("area", "SEC", "easy→hard", 120, { lowAbove: 0 }),
      criterion(
        "share of the oracle's gain in area over random, 40 steps",
        (area("SEC") - area("random")) / (area("oracle") - area("random")),
        { above: 0.4 },
      ),
      gain("id", "SEC", "easy→hard", 40, "report"),
      gain("ood", "SEC", "easy→hard", 40, "report"),
      gain("ood", "SEC", "easy→hard", 120, "report"),
      gain("area", "SEC", "SEC, decay", 40, "report"),
      gain("area", "oracle", "random", 40, "report"),
    ];
    return { criteria, tables: Object.fromEntries(found) };
  },
};
