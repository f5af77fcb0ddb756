import { checkValue } from "../checks.js";

/** Refuses a learning rate outside (0, 1]. */
export function checkLearningRate(type: string, value: unknown): void {
  checkValue(type, "learningRate", value, "in (0, 1]", typeof value === "number" && value > 0 && value <= 1);
}

/** Refuses a discount outside (0, 1]. */
export function checkDiscount(type: string, value: number): void {
  checkValue(type, "discount", value, "in (0, 1]", value > 0 && value <= 1);
}

/** Refuses a weight of exploration that is negative or not finite. */
export function checkExploration(type: string, value: number): void {
  checkValue(type, "exploration", value, "finite and ≥ 0", value >= 0 && value < Infinity);
}
