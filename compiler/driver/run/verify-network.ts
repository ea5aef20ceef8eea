import type { Runner } from "../../device/runner.ts";
import type { Graph } from "../../graph/graph.ts";
import { unpack } from "../../ir/storage.ts";
import { numbersIn } from "../../ir/typed-array.ts";
import { defined, invariant } from "../../support/assert.ts";
import { makeRng } from "../../support/rng.ts";
import { compareNetwork } from "../../verify/check-network.ts";
import type { Comparison } from "../../verify/compare.ts";
import type { NetworkProgram } from "./network-program.ts";
import { type RunOptions, runNetwork, type Values } from "./run-network.ts";

/** How a tensor on the board compares with the reference. */
export interface TensorReport extends Comparison {
  readonly tensor: string;
  /** Layer that made it, and its operator; absent for the network's outputs. */
  readonly layer?: string;
  readonly op?: string;
  readonly ok: boolean;
}
export interface VerifyReport {
  readonly network: string;
  readonly target: string;
  readonly board: string;
  /** How many times its rounding bound each value may be off. */
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
  return filledInputs(graph, () => rng.normal());
}

/** Inputs for a network, input after input, element after element: `value` is given its number in its input. */
export function filledInputs(graph: Graph, value: (i: number) => number): ReadonlyMap<string, Values> {
  return new Map(
    graph.inputs.map((name) => {
      const { shape } = defined(graph.tensors.get(name), `input ${name}`);
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, { shape, data: data.map((_, i) => value(i)) }];
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
  const memory = numbersIn("f32", trace);
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

/** Compares a board's results with the model as it was read (verify/check-network.ts). */
export function compareWithReference(
  model: Graph,
  { metadata }: NetworkProgram,
  traced: Traced,
  inputs: ReadonlyMap<string, Values>,
  board: string,
  tolerance: number,
): VerifyReport {
  const found = { tensors: traced.tensors, outputs: contents(traced.outputs) };
  const compared = compareNetwork(model, contents(inputs), found, metadata.layers, tolerance);
  const layers = metadata.layers.flatMap(({ name, op, output }) => {
    // Passes may name tensors the model does not have; what they feed is compared.
    const comparison = output && compared.tensors.get(output.tensor);
    if (output === undefined || comparison === undefined) return [];
    return [{ ...reportOf(output.tensor, comparison), layer: name, op }];
  });
  const outputs = [...traced.outputs.keys()].map((name) =>
    reportOf(name, defined(compared.outputs.get(name), `reference of ${name}`)),
  );
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

function contents(values: ReadonlyMap<string, Values>): ReadonlyMap<string, Float32Array> {
  return new Map([...values].map(([name, { data }]) => [name, data]));
}

function reportOf(tensor: string, comparison: Comparison): TensorReport {
  return { tensor, ...comparison, ok: comparison.badCount === 0 };
}
