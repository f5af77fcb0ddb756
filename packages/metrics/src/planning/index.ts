export {
  type AttemptsWith,
  costRatio,
  goalRate,
  novelPlanRate,
  optimalRate,
  type PlanAttempt,
  spl,
  validRate,
} from "./plans.js";
export { longestSolved, type PlanSummary, type SolveRate, solveCurve, summarisePlans } from "./solved.js";
