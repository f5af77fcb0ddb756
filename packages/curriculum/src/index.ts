export * from "./allocate/index.js";
export * from "./bandit/index.js";
export * from "./continuous/index.js";
export * from "./filter/index.js";
export * from "./replay/index.js";
export * from "./schedule/index.js";
export * from "./teacher/index.js";
