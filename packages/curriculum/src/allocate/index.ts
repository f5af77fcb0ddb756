export { type GvmEstimates, type GvmPenalty, gvmAllocate, gvmVariance } from "./gvm.js";
export { type AllocateOptions, allocationVariance, neymanAllocate } from "./neyman.js";
export {
  type AllocationTracker,
  type AllocationTrackerOptions,
  type AllocationTrackerState,
  createAllocationTracker,
  type DrawReport,
} from "./tracker.js";
