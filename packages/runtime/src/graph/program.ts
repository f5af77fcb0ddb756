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

/** The session's graph: a placeholder for each argument, and one call of the function. */
function graphOf(body: GraphFunction, kind: ProgramKind): { nodes: GraphNode[]; functions: GraphFunction[] } {
  const compiled: Record<string, Attribute> = kind === "xla" ? { _XlaMustCompile: { kind: "bool", value: true } } : {};
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
      ...compiled,
    },
  });
  return { nodes, functions: [{ ...body, attributes: { ...body.attributes, ...compiled } }] };
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
    operations: body.nodes.length,
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
