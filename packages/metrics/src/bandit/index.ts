export type { Vec } from "../checks.js";
export { countPulls, dynamicRegret, pseudoRegret, simpleRegret } from "./regret.js";
export { coverage, jensenShannonDistance, masteredShare, samplingEntropy } from "./sampling.js";
