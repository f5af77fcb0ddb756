export type { Vec } from "../checks.js";
export { Ewma, type EwmaState } from "./ewma.js";
export { Histogram, type HistogramState, type HistogramValue } from "./histogram.js";
export { Moments, type MomentsState, type MomentsValue } from "./moments.js";
export { Reservoir, type ReservoirState } from "./reservoir.js";
