import type { Runner } from "../device/runner.ts";
import type { Graph } from "../graph/graph.ts";
import { unpack } from "../ir/storage.ts";
import { defined, invariant } from "../support/assert.ts";
import { makeRng } from "../support/rng.ts";
import { type BadElement, type Comparison, compareTensors } from "../verify/compare.ts";
import { runReference, type TensorData } from "../verify/reference.ts";
import { floatsOf } from "./floats.ts";
import type { NetworkProgram } from "./network-program.ts";
import { type RunOptions, runNetwork, type Values } from "./run-network.ts";

/** How far a tensor on the board is from the reference. */
export interface TensorReport {
  readonly tensor: string;
  /** Layer that made it, and its operator; absent for the network's outputs. */
  readonly layer?: string;
  readonly op?: string;
  readonly maxAbsError: number;
  /** The same over the range of the reference's values. */
  readonly relative: number;
  readonly count: number;
  readonly badCount: number;
  readonly firstBad?: BadElement;
  readonly ok: boolean;
}
export interface VerifyReport {
  readonly network: string;
  readonly target: string;
  readonly board: string;
  /** Allowed relative error. */
  readonly tolerance: number;
  readonly layers: readonly TensorReport[];
  readonly outputs: readonly TensorReport[];
  readonly ok: boolean;
}

/** A network's results on a board: of each layer, and of the whole. */
export interface Traced {
  readonly tensors: ReadonlyMap<string, Float32Array>;
  readonly outputs: ReadonlyMap<string, Values>;
}

/** Inputs for a network of which only the shapes are known: standard normal, from a seed. */
export function randomInputs(graph: Graph, seed: number): ReadonlyMap<string, Values> {
  const rng = makeRng(seed);
  return new Map(
    graph.inputs.map((name) => {
      const { shape } = defined(graph.tensors.get(name), `input ${name}`);
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, { shape, data: data.map(() => rng.normal()) }];
    }),
  );
}

/** Runs one sample on the board and brings back what each layer made, row-major. */
export async function traceNetwork(
  network: NetworkProgram,
  runner: Runner,
  inputs: ReadonlyMap<string, Values>,
  options: RunOptions,
): Promise<Traced> {
  const { outputs, trace } = await runNetwork(network, runner, inputs, { ...options, trace: true });
  invariant(trace !== undefined, "the program left no trace");
  const memory = floatsOf(trace);
  const tensors = new Map<string, Float32Array>();
  let at = 0;
  for (const { output } of network.metadata.layers) {
    if (output === undefined) continue;
    const end = at + output.bytes / Float32Array.BYTES_PER_ELEMENT;
    tensors.set(output.tensor, unpack(output.storage, memory.subarray(at, end)));
    at = end;
  }
  invariant(at === memory.length, `the trace has ${memory.length} floats, the layers ${at}`);
  return { tensors, outputs };
}

/**
 * Compares a board's results with the model as it was read, carried out by the kernels as TypeScript:
 * neither fusing, layouts, schedules nor generated C have a part in that.
 */
export function compareWithReference(
  model: Graph,
  { metadata }: NetworkProgram,
  traced: Traced,
  inputs: ReadonlyMap<string, Values>,
  board: string,
  tolerance: number,
): VerifyReport {
  const reference = runReference(
    model,
    Object.fromEntries([...inputs].map(([name, { data }]) => [name, data])),
  );
  const compare = (tensor: string, found: Float32Array): Comparison =>
    compareTensors(shapeOf(model, tensor), found, wanted(reference, tensor), tolerance);
  const layers = metadata.layers.flatMap(({ name, op, output }) => {
    const found = output === undefined ? undefined : traced.tensors.get(output.tensor);
    // Passes may name tensors the model does not have; what they feed is compared.
    if (output === undefined || found === undefined || !reference.has(output.tensor)) return [];
    return [{ ...reportOf(output.tensor, compare(output.tensor, found)), layer: name, op }];
  });
  const outputs = [...traced.outputs].map(([name, { data }]) => reportOf(name, compare(name, data)));
  return {
    network: metadata.name,
    target: metadata.target,
    board,
    tolerance,
    layers,
    outputs,
    ok: [...layers, ...outputs].every(({ ok }) => ok),
  };
}

function shapeOf(model: Graph, tensor: string): readonly number[] {
  return defined(model.tensors.get(tensor), `tensor ${tensor}`).shape;
}

function wanted(reference: TensorData, tensor: string): Float32Array {
  return defined(reference.get(tensor), `reference of ${tensor}`);
}

function reportOf(
  tensor: string,
  { maxAbsError, relative, count, badCount, firstBad }: Comparison,
): TensorReport {
  return {
    tensor,
    maxAbsError,
    relative,
    count,
    badCount,
    ...(firstBad === undefined ? {} : { firstBad }),
    ok: badCount === 0,
  };
}
