export { type GeluForm, gelu, silu, swiglu } from "./activations.js";
export { type AttentionOptions, attention } from "./attention.js";
export { gatherLogprobs, logSumExp, sparseCrossEntropy } from "./cross-entropy.js";
export { embedding } from "./embedding.js";
export { mergeHeads, splitHeads } from "./heads.js";
export { linear } from "./linear.js";
export { layerNorm, rmsNorm } from "./norms.js";
export { rope } from "./rope.js";
