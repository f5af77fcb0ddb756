export type { Vec } from "../checks.js";
export { areaUnderBudgetCurve, nfe, type OperatingPoint, scoreAtBudget, tokensPerForward } from "./evaluations.js";
export { type Direction, hypervolume, paretoFront } from "./pareto.js";
