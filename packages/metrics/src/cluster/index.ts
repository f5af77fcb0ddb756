export type { Vec } from "../checks.js";
export { assign, softAssign } from "./assign.js";
export { type SymmetricEigen, symmetricEigen } from "./eigen.js";
export { type KMeansOptions, kMeans } from "./k-means.js";
export type { KMeans } from "./lloyd.js";
export { normalisedMutualInformation } from "./mutual-information.js";
export { type Pca, pca, projectPca } from "./pca.js";
