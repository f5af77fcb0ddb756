export { type DynamicFilterOptions, dynamicFilter, type FilterEvent, type Group } from "./dynamic-filter.js";
export { groupVariance } from "./group-variance.js";
export { type Keep, keepsGroup } from "./keeps-group.js";
