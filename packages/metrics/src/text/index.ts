export type { Vec } from "../checks.js";
export { distinctN, repetitionRate } from "./diversity.js";
export { type EditCosts, editDistance, tokenErrorRate } from "./edit-distance.js";
export { type HistogramMauve, histogramMauve } from "./histogram-mauve.js";
export { type LabelMauve, labelMauve, type Mauve, mauve } from "./mauve.js";
export { planEditDistance } from "./plan-edit-distance.js";
export { bestRouge, type RougeOptions, type RougeScore, type RougeType, rouge } from "./rouge.js";
export { selfBleu } from "./self-bleu.js";
export { rougeTokens, type Tokens } from "./tokens.js";
