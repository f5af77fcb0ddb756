export * from "./cluster/index.js";
export * from "./lm/index.js";
export * from "./stats/index.js";
