export { compareF32, compareI32 } from "./compare";
export { copyRuns, gatherRows } from "./copy";
export { hashBits } from "./hash-bits";
export { exp, log, log1p, tanh } from "./math";
export { matmul } from "./matmul";
export { sum } from "./reduce";
export { segmentSumF32, segmentSumI32 } from "./segment-sum";
