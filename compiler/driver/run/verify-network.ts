import type { Runner } from "../../device/runner.ts";
import type { Graph } from "../../graph/graph.ts";
import { type CallerType, heldRange, nearestHeld } from "../../ir/port-type.ts";
import { valuesOf } from "../../ir/quantization.ts";
import { unpack } from "../../ir/storage.ts";
import { numbersIn } from "../../ir/typed-array.ts";
import { defined, invariant } from "../../support/assert.ts";
import { makeRng, type Rng } from "../../support/rng.ts";
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

/** Inputs for a network of which only shapes and types are known, from a seed: standard normal, or whole numbers. */
export function randomInputs(graph: Graph, seed: number): ReadonlyMap<string, Values> {
  const rng = makeRng(seed);
  return inputsOf(graph, (_, type) => randomNumber(type, rng));
}

/** Bytes of all values; wider ones are small, as they may stand for places. */
const SMALL = 8;
function randomNumber(type: CallerType | undefined, rng: Rng): number {
  const range = type && heldRange(type);
  if (range === undefined) return rng.normal();
  const { min, max } = range;
  return max - min < 2 ** 8 ? min + rng.int(max - min + 1) : rng.int(SMALL);
}

/**
 * Inputs for a network, input after input, element after element: `value` is given its number in its input. Whole types take the
 * nearest number that they hold.
 */
export function filledInputs(graph: Graph, value: (i: number) => number): ReadonlyMap<string, Values> {
  return inputsOf(graph, (i, type) => (type === undefined ? value(i) : nearestHeld(type, value(i))));
}

function inputsOf(
  { inputs, tensors }: Graph,
  value: (i: number, type: CallerType | undefined) => number,
): ReadonlyMap<string, Values> {
  return new Map(
    inputs.map((name) => {
      const { shape, type } = defined(tensors.get(name), `input ${name}`);
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, { shape, data: data.map((_, i) => value(i, type)) }];
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
  const tensors = new Map<string, Float32Array>();
  let at = 0;
  for (const { output } of network.metadata.layers) {
    if (output === undefined) continue;
    const { dtype = "f32", quantized, storage, tensor, bytes } = output;
    const numbers = unpack(storage, numbersIn(dtype, trace.subarray(at, at + bytes)));
    tensors.set(tensor, valuesOf(numbers, quantized));
    at += bytes;
  }
  invariant(at === trace.length, `the trace has ${trace.length} bytes, the layers ${at}`);
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
