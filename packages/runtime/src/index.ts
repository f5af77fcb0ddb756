export { type BackendName, createRuntime, describeRuntime, type Runtime } from "./runtime.js";
