import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TensorFlowBackend } from "../tensorflow-binding.js";
import { type Attribute, type GraphFunction, type GraphNode, savedModel } from "./graph-def.js";
import type { Handle } from "./record.js";

/** How TensorFlow runs a program: compiled by XLA, or operation by operation. */
export type ProgramKind = "xla" | "graph";

/** A function that TensorFlow has loaded. */
export interface LoadedProgram {
  readonly operations: number;
  readonly bytes: number;
  /** Takes the binding's numbers of the arguments and gives handles of the results. */
  run(inputs: readonly number[]): readonly Handle[];
  unload(): void;
}

/**
 * The session's graph: a placeholder for each argument, and one call of the function. XLA compiles what runs in parallel
 * apart, else the whole.
 */
function graphOf(body: GraphFunction, kind: ProgramKind): { nodes: GraphNode[]; functions: GraphFunction[] } {
  const parts = new Set(body.nodes.filter(isPart).map(({ attributes }) => String(attributes.f!.value)));
  const mark = (wanted: boolean): Record<string, Attribute> =>
    kind === "xla" && wanted ? { _XlaMustCompile: { kind: "bool", value: true } } : {};
  const whole = mark(parts.size === 0);
  const nodes: GraphNode[] = body.arguments.map(({ type }, i) => ({
    name: `p${i}`,
    op: "Placeholder",
    inputs: [],
    attributes: { dtype: { kind: "type", value: type } },
  }));
  nodes.push({
    name: "call",
    op: "StatefulPartitionedCall",
    inputs: nodes.map(({ name }) => `${name}:0`),
    attributes: {
      Tin: { kind: "list(type)", value: body.arguments.map(({ type }) => type) },
      Tout: { kind: "list(type)", value: body.results.map(({ type }) => type) },
      f: { kind: "func", value: body.name },
      ...whole,
    },
  });
  const main = {
    ...body,
    nodes: body.nodes.map((node) =>
      isPart(node) ? { ...node, attributes: { ...node.attributes, ...mark(true) } } : node,
    ),
    attributes: whole,
  };
  const called = calledBy(body).map((fn) => ({ ...fn, attributes: mark(parts.has(fn.name)) }));
  return { nodes, functions: [main, ...called] };
}

const isPart = ({ op }: GraphNode) => op === "StatefulPartitionedCall";

/** All functions that a function calls, each once. */
function calledBy(fn: GraphFunction): GraphFunction[] {
  const found = new Map<string, GraphFunction>();
  const visit = (fn: GraphFunction): void => {
    for (const called of fn.functions) {
      if (found.has(called.name)) continue;
      found.set(called.name, called);
      visit(called);
    }
  };
  visit(fn);
  return [...found.values()];
}

/**
 * Loads a function into TensorFlow. The directory that its door takes is gone when this returns.
 *
 * @throws Error with TensorFlow's words when it refuses the graph.
 */
export function loadProgram(native: TensorFlowBackend, body: GraphFunction, kind: ProgramKind): LoadedProgram {
  const { nodes, functions } = graphOf(body, kind);
  const model = savedModel(nodes, functions);
  const { binding } = native;
  sweep();
  const directory = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  let id: number;
  try {
    writeFileSync(join(directory, "saved_model.pb"), model);
    id = binding.loadSavedModel(directory, "serve");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const inputNames = body.arguments.map((_, i) => `p${i}:0`).join(",");
  const outputNames = body.results.map((_, i) => `call:${i}`).join(",");
  return {
    operations: functions.reduce((sum, fn) => sum + fn.nodes.length, 0),
    bytes: model.length,
    // TensorFlow runs nothing for nothing.
    run: (inputs) => (outputNames === "" ? [] : binding.runSavedModel(id, inputs, inputNames, outputNames)),
    unload: () => binding.deleteSavedModel(id),
  };
}

const prefix = "x-jit-";
let swept = false;

/** Removes what processes that were killed while loading have left behind, once a process. */
function sweep(): void {
  if (swept) return;
  swept = true;
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // another user's
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
