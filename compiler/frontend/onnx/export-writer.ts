import type { Graph, Tensor } from "../../graph/graph.ts";
import { defined } from "../../support/assert.ts";
import type { OnnxNode, OnnxTensor } from "./model.ts";
import { intAttribute } from "./node-attributes.ts";
import { FLOAT32, INT64 } from "./schema.ts";

/** A file as it is written: the nodes so far, and constants by name. */
export interface Writer {
  readonly graph: Graph;
  readonly nodes: OnnxNode[];
  readonly initializers: Map<string, OnnxTensor>;
}

/** A constant of the graph's own, under its name. */
export function addTensor(writer: Writer, name: string, dims: readonly number[], data: Float32Array): string {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  writer.initializers.set(name, { name, dims, dataType: FLOAT32, rawData });
  return name;
}

/** Another one; the name it gets. */
export function addFloats(writer: Writer, wish: string, dims: readonly number[], data: Float32Array): string {
  return addTensor(writer, freeName(writer, wish), dims, data);
}

export function addIntegers(writer: Writer, wish: string, values: readonly number[]): string {
  const name = freeName(writer, wish);
  const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  writer.initializers.set(name, { name, dims: [values.length], dataType: INT64, rawData });
  return name;
}

export function tensorOf(graph: Graph, name: string): Tensor {
  return defined(graph.tensors.get(name), `tensor ${name}`);
}

/** A name that no tensor of the graph has, and no constant that was written beside them. */
function freeName({ graph, initializers }: Writer, wish: string): string {
  let name = wish;
  while (graph.tensors.has(name) || initializers.has(name)) name += "_";
  return name;
}

/** Writes a node before another; its result's name. */
export function written(writer: Writer, wish: string, node: OnnxNode): string {
  const output = freeName(writer, wish);
  writer.nodes.push({ ...node, name: output, output: [output] });
  return output;
}

export function castNode(input: string, to: number): OnnxNode {
  return { opType: "Cast", input: [input], attribute: [intAttribute("to", to)] };
}
