export { copyRuns, gatherRows } from "./copy";
export { hashBits } from "./hash-bits";
export { matmul } from "./matmul";
export { exp, log, log1p, tanh } from "./math";
export { sum } from "./reduce";
export { segmentSumF32, segmentSumI32 } from "./segment-sum";
