export { flopsPerToken, utilisation } from "./flops.js";
export { eta, type RateMeter, type RateMeterOptions, type Rates, rateMeter } from "./rate-meter.js";
