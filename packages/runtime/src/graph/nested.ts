import { createHash } from "node:crypto";
import type * as tf from "@tensorflow/tfjs-core";
import { heldVariables } from "../held-variables.js";
import { functionOf } from "./body.js";
import { functionBytes, type GraphFunction } from "./graph-def.js";
import { alias, type Handle, handleOf, idOf, type Recorder, type Recording, record } from "./record.js";
import { mapTensors, tensorsOf } from "./structure.js";

/**
 * Writes a call of `fn` down as a function of its own: what it reads of the outside are the arguments, what it returns and
 * the variables that it assigns are the results. The same function has the same name wherever it is called.
 */
export function recordCall<R>(recorder: Recorder, fn: () => R): R {
  const held = heldVariables();
  const { recording, result } = record(recorder.native, recorder.kernel, [], fn);
  const results = [...new Set(tensorsOf(result))];
  const assigned = held.changed();
  const outputs = [...results, ...assigned];
  const { fn: called, captures } = cut(recorder, recording, [], handlesOf(recorder, outputs));
  const made = outputs.map((tensor) => alias(recorder.native, tensor));
  recorder.add({
    name: "StatefulPartitionedCall",
    attributes: [],
    inputs: captures,
    outputs: handlesOf(recorder, made),
    functions: { f: called },
  });
  return handOver(result, results, assigned, made);
}

/**
 * Writes a loop down: `state` and the variables that `body` assigns go round, whatever else the two functions read stays
 * the same. Both run once.
 */
export function recordLoop<S>(
  recorder: Recorder,
  state: S,
  condition: (state: S) => tf.Tensor,
  body: (state: S) => S,
): S {
  const { native, kernel } = recorder;
  const held = heldVariables();
  const places = new Map<tf.Variable, Handle>();
  for (const variable of held.variables) {
    variable.assign(alias(native, variable));
    places.set(variable, handleOf(native, variable));
  }
  const given: tf.Tensor[] = [];
  const start = mapTensors(state, (tensor) => {
    const copy = alias(native, tensor);
    given.push(copy);
    return copy;
  });
  const changing = [...handlesOf(recorder, given), ...places.values()].map(({ id }) => id);
  // Both may return what was there before, which only an operation of theirs makes their own.
  const more = record(native, kernel, changing, () => alias(native, condition(start)));
  const step = record(native, kernel, changing, () => mapTensors(body(start), (tensor) => alias(native, tensor)));
  const next = tensorsOf(step.result);

  const assigned = held.variables.filter((variable) => idOf(native, variable) !== places.get(variable)!.id);
  held.restoreAllBut(assigned);
  const inputs = [...handlesOf(recorder, given), ...assigned.map((variable) => places.get(variable)!)];
  const outputs = handlesOf(recorder, [...next, ...assigned]);
  const goes = [handleOf(native, more.result)];
  const constant = [
    ...new Set([
      ...cut(recorder, more.recording, inputs, goes).captures,
      ...cut(recorder, step.recording, inputs, outputs).captures,
    ]),
  ].map((id) => more.recording.handles.get(id) ?? step.recording.handles.get(id)!);
  const all = [...inputs, ...constant];
  const made = [...next, ...assigned].map((tensor) => alias(native, tensor));
  recorder.add({
    name: "StatelessWhile",
    attributes: [],
    inputs: all.map(({ id }) => id),
    outputs: [...handlesOf(recorder, made), ...constant.map((handle) => ({ ...handle, id: nobody-- }))],
    functions: {
      cond: cut(recorder, more.recording, all, goes).fn,
      body: cut(recorder, step.recording, all, [...outputs, ...constant]).fn,
    },
  });
  return handOver(step.result, next, assigned, made);
}

/** Numbers for results that nobody asks for. */
let nobody = -1;

const handlesOf = ({ native }: Recorder, tensors: readonly tf.Tensor[]) =>
  tensors.map((tensor) => handleOf(native, tensor));

/** The function that a recording is of those inputs, under a name that its content gives. */
function cut({ native }: Recorder, recording: Recording, inputs: readonly Handle[], outputs: readonly Handle[]) {
  const { fn, captures } = functionOf(recording, { name: "", inputs, outputs, kinds: native.binding });
  return { fn: named(fn), captures };
}

function named(fn: GraphFunction): GraphFunction {
  return { ...fn, name: `f${createHash("sha256").update(functionBytes(fn)).digest("hex").slice(0, 32)}` };
}

/** The result of a recorded call with the tensors that stand for it outside; the variables get theirs. */
function handOver<R>(
  result: R,
  results: readonly tf.Tensor[],
  assigned: readonly tf.Variable[],
  made: readonly tf.Tensor[],
): R {
  for (const [i, variable] of assigned.entries()) variable.assign(made[results.length + i]!);
  return mapTensors(result, (tensor) => made[results.indexOf(tensor)]!);
}
