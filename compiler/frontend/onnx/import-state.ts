import type { GraphNode, Tensor } from "../../graph/graph.ts";
import { position } from "./element-position.ts";
import { beyondLimit, inconsistent, notFinite } from "./errors.ts";
import { MOST_DIMENSIONS, MOST_GIVEN } from "./limits.ts";
import type { OnnxGraph, OnnxTensor } from "./model.ts";
import type { NodeRecord } from "./node-record.ts";
import { statedShapes } from "./presumed-shapes.ts";
import { namesRead } from "./subgraphs.ts";
import { readTensor } from "./tensor-data.ts";
import type { ConstantValue, Places, Rows, Value } from "./value.ts";
import { elementCount } from "./value.ts";

/** scale * base + shift, as nodes of single constants have it. */
export interface Affine {
  readonly base: string;
  readonly scale: number;
  readonly shift: number;
}
/** What grows while a model is read: the values known by name and the graph emitted so far. */
export interface ImportState {
  readonly opset: number;
  readonly baseDir: string | undefined;
  readonly values: Map<string, Value>;
  /** Sequences of tensors (import-sequence.ts). */
  readonly sequences: Map<string, readonly Value[]>;
  readonly nodes: GraphNode[];
  /** Elements of weights: in the file so far, and made by the import. */
  readonly made: { given: number; elements: number };
  /** The emitted node that computes a tensor. */
  readonly producers: Map<string, GraphNode>;
  /** What tensors are of others, as far as somebody asked (gates.ts). */
  readonly affines: Map<string, Affine>;
  readonly tensors: Map<string, Tensor>;
  /** Tensors of which only some rows are used (rows.ts). */
  readonly rows: Map<string, Rows>;
  /** Of parts of rows, which are used (emit-node.ts). */
  readonly usedParts: Map<string, string>;
  /** Where tensors are not 0, as far as somebody asked. */
  readonly selections: Map<string, Places>;
  /** Tensors of which a NaN ends the run with an error (checks.ts). */
  readonly checked: Set<string>;
  /** What became of each node of the file, in the order they were read. */
  readonly records: NodeRecord[];
  /** Shapes that the file states for what it computes: only for nodes behind refused ones. */
  readonly stated: ReadonlyMap<string, readonly number[]>;
  /** `domain:name` of the functions that the file defines. */
  readonly functions: ReadonlySet<string>;
  /** How often the file reads each value, graph outputs included. */
  readonly uses: Map<string, number>;
  /** Every name taken, by the file or by the importer. */
  readonly tensorNames: Set<string>;
  readonly nodeNames: Set<string>;
}

export function makeState(
  graph: OnnxGraph,
  opset: number,
  functions: ReadonlySet<string>,
  baseDir: string | undefined,
): ImportState {
  const state: ImportState = {
    opset,
    baseDir,
    values: new Map(),
    sequences: new Map(),
    nodes: [],
    made: { given: 0, elements: 0 },
    producers: new Map(),
    affines: new Map(),
    tensors: new Map(),
    rows: new Map(),
    usedParts: new Map(),
    selections: new Map(),
    checked: new Set(),
    records: [],
    stated: statedShapes(graph),
    functions,
    uses: new Map(),
    tensorNames: new Set([
      ...(graph.node ?? []).flatMap((node) => node.output ?? []),
      ...(graph.initializer ?? []).map((tensor) => tensor.name ?? ""),
      ...(graph.input ?? []).map((input) => input.name ?? ""),
    ]),
    nodeNames: new Set(),
  };
  countUses(state, graph);
  return state;
}

/** Counts what the nodes of a graph or a branch read, and what it gives. */
export function countUses({ uses }: Pick<ImportState, "uses">, graph: OnnxGraph): void {
  const names = [...(graph.node ?? []).flatMap(namesRead), ...(graph.output ?? []).map(({ name }) => name)];
  for (const name of names) if (name) uses.set(name, (uses.get(name) ?? 0) + 1);
}

/** `base`, or the first of `base_2`, `base_3`, ... that `taken` does not have; it is taken from now on. */
export function freshName(taken: Set<string>, base: string): string {
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
  taken.add(name);
  return name;
}

/** Gives an ONNX name its value; ONNX is in static single assignment form. */
export function define(state: ImportState, name: string, value: Value): void {
  checkNew(state, "value", name);
  if (value.kind !== "unknown" && value.shape.length > MOST_DIMENSIONS) {
    throw beyondLimit(
      name,
      `dimensions: it has ${value.shape.length}, at most ${MOST_DIMENSIONS} are compiled`,
    );
  }
  state.values.set(name, value);
}

/** The same of a sequence of tensors. */
export function defineSequence(state: ImportState, name: string, items: readonly Value[]): void {
  checkNew(state, "sequence", name);
  state.sequences.set(name, items);
}

function checkNew({ values, sequences }: ImportState, what: string, name: string): void {
  if (values.has(name) || sequences.has(name))
    throw inconsistent(`${what} \`${name}\``, "it is defined twice");
}

/** A tensor of the file. Counted before it is read: one file beside the model can be the data of many. */
export function readConstant(state: ImportState, tensor: OnnxTensor, name: string): Value {
  state.made.given += elementCount(tensor.dims ?? []);
  if (state.made.given > MOST_GIVEN) {
    throw beyondLimit(
      name,
      `elements of tensors: with this one there are ${state.made.given}, at most ${MOST_GIVEN} are read`,
    );
  }
  return readTensor(tensor, name, state.baseDir);
}

/** What constants may hold beside numbers: infinite ones, where they are operands that nothing is multiplied by. */
export type Holding = "finite" | "infinite";

/** Makes a constant a tensor of the graph. Weights are checked here: F110 for NaN, and for infinities unless it may hold them. */
export function useConstant(
  state: ImportState,
  constant: ConstantValue,
  holding: Holding = "finite",
): string {
  if (state.tensors.get(constant.name)?.data !== constant.data) {
    checkNumbers(constant, holding);
    state.tensors.set(constant.name, { name: constant.name, shape: constant.shape, data: constant.data });
  }
  return constant.name;
}

function checkNumbers({ name, shape, data }: ConstantValue, holding: Holding): void {
  let first = -1;
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    // x - x is 0 for finite numbers only: the fastest test over millions of weights.
    const x = data[i] as number;
    if (x - x === 0 || (holding === "infinite" && !Number.isNaN(x))) continue;
    if (first < 0) first = i;
    count++;
  }
  if (first >= 0) throw notFinite(name, position(first, shape), data[first] as number, count);
}
