export type { Vec } from "../checks.js";
export { bootstrap, bootstrapAsync, pairedBootstrap, pairedBootstrapAsync, type Statistic } from "./bootstrap.js";
export type { AsyncBootstrapOptions, BootstrapOptions, CiMethod, Estimate, Interval } from "./interval.js";
export { type MannWhitney, mannWhitney } from "./mann-whitney.js";
export { meanInterval } from "./mean-interval.js";
export { mean, variance } from "./moments.js";
export { benjaminiHochberg, holm } from "./multiplicity.js";
export { type Alternative, type PermutationTest, pairedPermutation } from "./permutation.js";
export { clopperPearson, wilson } from "./proportion.js";
export { quantile } from "./quantile.js";
export {
  bootstrapRatio,
  bootstrapRatioAsync,
  pairedBootstrapRatio,
  pairedBootstrapRatioAsync,
  type RatioOptions,
  type SumsAndCounts,
} from "./ratio.js";
export { aggregateSeeds, requiredSeeds, type SeedGroup, type SeedTable } from "./seeds.js";
