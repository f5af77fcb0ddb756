import type { Rng } from "@x/core";
import { checkFilled, checkInteger, checkValue } from "../checks.js";

/**
 * A student whose tasks are made of skills: level k needs skills 1 … k, and what one skill learns helps all others.
 * Parameters and their gradients have this form.
 */
export interface Student {
  /** z: one logit a skill. */
  readonly skills: readonly number[];
  /** u: shared by all skills. */
  readonly shared: number;
}

/** One attempt at a level: for each skill that it needs whether it succeeded (1) or not (0). */
export interface Attempt {
  readonly outcomes: readonly number[];
  /** 1 when every skill succeeded, else 0. */
  readonly reward: number;
}

/** How much of `shared` each skill feels. */
const transfer = 0.5;

/**
 * A fresh student, worse at each further skill.
 *
 *   zⱼ = −0.2 − 0.3 (j − 1) + 0.1 εⱼ,  ε ~ N(0, 1);  u = 0
 */
export function createStudent(skills: number, rng: Rng): Student {
  checkInteger("createStudent", "skills", skills, 1);
  return { skills: Array.from({ length: skills }, (_, j) => -0.2 - 0.3 * j + 0.1 * rng.normal()), shared: 0 };
}

/**
 * The exact chance of success at a level (levels count from 1).
 *
 *   pₖ = Πⱼ≤ₖ σ(zⱼ + u/2)
 */
export function successProbability(student: Student, level: number): number {
  checkInteger("successProbability", "level", level, 1, student.skills.length);
  let p = 1;
  for (let j = 0; j < level; j++) p *= skillProbability(student, j);
  return p;
}

/** Tries a level once: skill j succeeds with probability σ(zⱼ + u/2). */
export function attemptLevel(student: Student, level: number, rng: Rng): Attempt {
  checkInteger("attemptLevel", "level", level, 1, student.skills.length);
  const outcomes = Array.from({ length: level }, (_, j) => (rng.float() < skillProbability(student, j) ? 1 : 0));
  return { outcomes, reward: Math.min(...outcomes) };
}

/**
 * The policy gradient of GRPO over groups of attempts, each group at one level.
 *
 *   g = mean over groups and attempts of A ∇ log π(b),  A = (r − mean r) / (std r + 1e-6), n − 1 degrees of freedom
 *   ∂ log π(b) / ∂zⱼ = bⱼ − σ(zⱼ + u/2),  ∂ log π(b) / ∂u = ½ Σⱼ (bⱼ − σ(zⱼ + u/2))
 *
 * @throws ValueError for a group of fewer than two attempts, or none at all.
 */
export function grpoGradient(student: Student, groups: readonly (readonly Attempt[])[]): Student {
  checkFilled("grpoGradient", "groups", groups);
  const skills = student.skills.map(() => 0);
  let shared = 0;
  for (const [index, group] of groups.entries()) {
    const n = group.length;
    checkValue("grpoGradient", "groups", n, "lists of at least two attempts", n >= 2, index);
    const mean = group.reduce((sum, { reward }) => sum + reward, 0) / n;
    const deviation = Math.sqrt(group.reduce((sum, { reward }) => sum + (reward - mean) ** 2, 0) / (n - 1));
    for (const { outcomes, reward } of group) {
      const weight = (reward - mean) / (deviation + 1e-6) / (n * groups.length);
      outcomes.forEach((outcome, j) => {
        const score = weight * (outcome - skillProbability(student, j));
        skills[j]! += score;
        shared += transfer * score;
      });
    }
  }
  return { skills, shared };
}

/** The student after one step of gradient ascent. */
export function ascend(student: Student, gradient: Student, learningRate: number): Student {
  return {
    skills: student.skills.map((z, j) => z + learningRate * gradient.skills[j]!),
    shared: student.shared + learningRate * gradient.shared,
  };
}

function skillProbability({ skills, shared }: Student, j: number): number {
  return 1 / (1 + Math.exp(-(skills[j]! + transfer * shared)));
}
