import { createRng, type Rng } from "@x/core";
import { describe, expect, it } from "vitest";
import {
  acceptRate,
  createPromptWorld,
  drawAnswers,
  gradientMoments,
  meanLogAcceptance,
  type PromptWorld,
  raftGradient,
} from "../../src/simulate/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const world = createPromptWorld(createRng("small"), { prompts: 3, answers: 5, features: 4 });
const theta = Float64Array.of(0.4, -1.1, 0.7, 0.2);

/** π(· | prompt), written down once more. */
function policyOf({ inputs, answers, features }: PromptWorld, at: Float64Array, prompt: number): number[] {
  const weights = Array.from({ length: answers }, (_, a) =>
    Math.exp([...at].reduce((sum, t, f) => sum + t * inputs[prompt]![a * features + f]!, 0)),
  );
  const total = weights.reduce((x, y) => x + y);
  return weights.map((weight) => weight / total);
}

/** An rng whose next answers are these. */
function scripted(answers: readonly number[]): Rng {
  let next = 0;
  return { ...createRng(0), categorical: () => answers[next++]! };
}

const answersOf = (prompt: number, answers: readonly number[]) =>
  drawAnswers(world, theta, prompt, answers.length, scripted(answers));
const norm2 = (v: ArrayLike<number>) => Array.from(v).reduce((sum, x) => sum + x * x, 0);
const prompts = [0, 1, 2];
const answers = [0, 1, 2, 3, 4];

/** E X and E‖X‖² of the mean over `n` draws of 1[right] g/p, over every sequence of answers. */
function enumerate(prompt: number, n: number): { mean: number[]; square: number } {
  const policy = policyOf(world, theta, prompt);
  const p = acceptRate(world, theta, prompt);
  const mean = [0, 0, 0, 0];
  let square = 0;
  for (let code = 0; code < 5 ** n; code++) {
    const sequence = Array.from({ length: n }, (_, i) => Math.floor(code / 5 ** i) % 5);
    const weight = sequence.reduce((product, a) => product * policy[a]!, 1);
    const estimate = [0, 0, 0, 0];
    for (const gradient of answersOf(prompt, sequence).gradients)
      gradient.forEach((g, f) => {
        estimate[f]! += g / p / n;
      });
    estimate.forEach((x, f) => {
      mean[f]! += weight * x;
    });
    square += weight * norm2(estimate);
  }
  return { mean, square };
}

describe("createPromptWorld", () => {
  it("starts every prompt at its share of right answers, at least one of them and never all", () => {
    const big = createPromptWorld(createRng(1));
    expect([big.correct.length, big.answers, big.features]).toEqual([48, 64, 24]);
    big.correct.forEach((right, prompt) => {
      expect(right >= 1 && right <= 63).toBe(true);
      expectClose(acceptRate(big, new Float64Array(24), prompt), right / 64, { rtol: 1e-13 });
    });
  });

  it("spreads shares like Beta(0.6, 1.2) and scales like log-normal(0.8) (false alarm 1e-5 each)", () => {
    const { correct, inputs } = createPromptWorld(createRng(2), { prompts: 4000 });
    const shares = correct.map((right) => right / 64);
    const mean = shares.reduce((a, b) => a + b) / 4000;
    expect(Math.abs(mean - 1 / 3)).toBeLessThan(4.5 * Math.sqrt(0.0794 / 4000) + 1 / 128 / 4); // rounding, ends cut
    const logs = inputs.map((row) => Math.log(Math.sqrt((norm2(row) / row.length) * 24)));
    const middle = logs.reduce((a, b) => a + b) / 4000;
    const deviation = Math.sqrt(logs.reduce((sum, x) => sum + (x - middle) ** 2, 0) / 4000);
    expect(Math.abs(middle)).toBeLessThan((4.5 * 0.8) / Math.sqrt(4000));
    expectClose(deviation, 0.8, { rtol: 4.5 / Math.sqrt(8000) });
  });

  it("refuses options outside their ranges", () => {
    const rng = createRng(1);
    expectValueError(() => createPromptWorld(rng, { prompts: 0 }), { argument: "prompts" });
    expectValueError(() => createPromptWorld(rng, { answers: 1 }), { argument: "answers" });
    expectValueError(() => createPromptWorld(rng, { features: 0.5 }), { argument: "features" });
  });
});

describe("acceptRate", () => {
  it("is what the right answers weigh, also where the exponentials overflow", () => {
    for (const prompt of prompts)
      expectClose(
        acceptRate(world, theta, prompt),
        policyOf(world, theta, prompt)
          .slice(0, world.correct[prompt])
          .reduce((a, b) => a + b),
        { rtol: 1e-13 },
      );
    expect(
      acceptRate(
        world,
        theta.map((t) => 1e5 * t),
        0,
      ),
    ).toBeOneOf([0, 1]);
  });

  it("refuses a prompt or parameters that do not fit", () => {
    expectValueError(() => acceptRate(world, theta, 3), { argument: "prompt", value: 3 });
    expectValueError(() => acceptRate(world, new Float64Array(5), 0), { argument: "theta.length", value: 5 });
  });
});

describe("drawAnswers", () => {
  it("draws from the policy (χ² of the accepted against the rejected, false alarm 1e-4)", () => {
    const n = 20_000;
    const rng = createRng(7);
    for (const prompt of prompts) {
      const p = acceptRate(world, theta, prompt);
      const { drawn, gradients } = drawAnswers(world, theta, prompt, n, rng);
      expect(drawn).toBe(n);
      expect((gradients.length - n * p) ** 2 / (n * p * (1 - p))).toBeLessThan(15.14);
    }
  });

  it("gives the gradient of each accepted answer's log-probability, by finite differences", () => {
    const h = 1e-5;
    for (const prompt of prompts)
      for (const answer of answers) {
        const { gradients } = answersOf(prompt, [answer]);
        if (answer >= world.correct[prompt]!) expect(gradients).toEqual([]);
        else
          theta.forEach((_, f) => {
            const at = (by: number) => Math.log(policyOf(world, theta.with(f, theta[f]! + by), prompt)[answer]!);
            expectClose(gradients[0]![f]!, (at(h) - at(-h)) / (2 * h), { atol: 1e-9 });
          });
      }
  });

  it("can draw nothing, but no less", () => {
    expect(drawAnswers(world, theta, 0, 0, createRng(1))).toEqual({ drawn: 0, gradients: [] });
    expectValueError(() => drawAnswers(world, theta, 0, -1, createRng(1)), { argument: "n", value: -1 });
  });
});

describe("gradientMoments", () => {
  const moments = gradientMoments(world, theta);

  it("knows the variance of the mean of n draws, by enumeration of every sequence of answers", () => {
    for (const prompt of prompts)
      for (const n of [1, 2, 3]) {
        const { mean, square } = enumerate(prompt, n);
        expectClose(moments.variance[prompt]! / n, square - norm2(mean), { rtol: 1e-12 });
      }
  });

  it("knows p and the root mean square norm of accepted gradients", () => {
    for (const prompt of prompts) {
      const policy = policyOf(world, theta, prompt);
      const p = acceptRate(world, theta, prompt);
      const square = answers.reduce((sum, a) => {
        const [gradient] = answersOf(prompt, [a]).gradients;
        return sum + (gradient === undefined ? 0 : (policy[a]! / p) * norm2(gradient));
      }, 0);
      expectClose(moments.acceptRate[prompt]!, p, { rtol: 1e-14 });
      expectClose(moments.gradNorm[prompt]!, Math.sqrt(square), { rtol: 1e-13 });
    }
  });

  it("belongs to an estimate of the objective's gradient without bias, by finite differences", () => {
    const h = 1e-5;
    theta.forEach((_, f) => {
      const slope =
        (meanLogAcceptance(world, theta.with(f, theta[f]! + h)) -
          meanLogAcceptance(world, theta.with(f, theta[f]! - h))) /
        (2 * h);
      expectClose(
        prompts.reduce((sum, prompt) => sum + enumerate(prompt, 1).mean[f]! / 3, 0),
        slope,
        { atol: 1e-9 },
      );
    });
  });
});

describe("raftGradient", () => {
  it("averages accepted gradients within a prompt, then over prompts; one without any adds nothing", () => {
    const draws = [
      { drawn: 3, gradients: [Float64Array.of(1, 0, 0, 0), Float64Array.of(0, 2, 0, 0)] },
      { drawn: 9, gradients: [] },
      { drawn: 1, gradients: [Float64Array.of(0, 0, 3, -3)] },
    ];
    expectClose(raftGradient(world, draws), [1 / 6, 1 / 3, 1, -1], { rtol: 1e-15 });
  });

  it("raises the objective", () => {
    const rng = createRng(8);
    let at = new Float64Array(4);
    for (let step = 0; step < 30; step++) {
      const gradient = raftGradient(
        world,
        prompts.map((prompt) => drawAnswers(world, at, prompt, 16, rng)),
      );
      at = at.map((t, f) => t + 0.5 * gradient[f]!);
    }
    expect(meanLogAcceptance(world, at)).toBeGreaterThan(meanLogAcceptance(world, new Float64Array(4)) + 0.3);
  });
});
