export type { Vec } from "../checks.js";
