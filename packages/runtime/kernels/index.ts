export { hashBits } from "./hash-bits";
export { matmul } from "./matmul";
export { segmentSumF32, segmentSumI32 } from "./segment-sum";
