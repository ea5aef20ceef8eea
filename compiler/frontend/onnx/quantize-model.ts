import { defined } from "../../support/assert.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./model.ts";
import { intAttribute } from "./node-attributes.ts";
import {
  biasOf,
  bytes,
  floats,
  type QuantParams,
  quantParams,
  type Range,
  weightsOf,
} from "./quantized-tensors.ts";
import { INT8, UINT8 } from "./schema.ts";

export interface WeightRange {
  /** Weights have fewer steps where four products of neighbouring channels would not fit into 16 bits together. */
  readonly reduceRange?: boolean | undefined;
}

/** By output channels: axis 0 of weights of Conv, and of Gemm with B transposed. */
const BY_CHANNEL = [intAttribute("axis", 0)];

/**
 * A model some of whose layers take quantized maps and weights: QuantizeLinear and
 * DequantizeLinear (ONNX operator version 13) around each map that one reads, in uint8, their weights in int8 with a scale for each
 * output channel, their bias in int32.
 * @param ranges of the maps that they read, by the names of the layers' nodes: Conv and Gemm
 */
export function quantizeModel(
  model: OnnxModel,
  ranges: ReadonlyMap<string, Range>,
  { reduceRange }: WeightRange = {},
): OnnxModel {
  const { graph = {} } = model;
  const writer = openWriter(graph);
  const maps = new Map<string, string>();
  for (const node of graph.node ?? []) {
    const range = isLayer(node) ? ranges.get(node.name ?? "") : undefined;
    if (range === undefined) {
      writer.nodes.push(node);
      continue;
    }
    const [x = "", w = "", b = ""] = node.input ?? [];
    const params = quantParams(range);
    const map = maps.get(x) ?? writeMap(writer, x, params);
    maps.set(x, map);
    const given = b === "" ? undefined : writer.given(b);
    const { scales, tensor } = weightsOf(writer.given(w), given, params, reduceRange);
    const zeros = bytes(INT8, [scales.length], Array<number>(scales.length).fill(0));
    const weights = writeBack(writer, w, tensor, scales, zeros);
    const quantized = given && biasOf(given, scales, params);
    const bias = quantized === undefined ? b : writeBack(writer, b, quantized.tensor, quantized.scales);
    writer.nodes.push({ ...node, input: [map, weights, ...(bias === "" ? [] : [bias])] });
  }
  return { ...model, graph: { ...graph, node: writer.nodes, initializer: writer.initializers() } };
}

/** Not what the writer has put beside one, whatever its name. */
function isLayer({ opType }: OnnxNode): boolean {
  return opType === "Conv" || opType === "Gemm";
}

/** A map rounded to its steps, as floats again. */
function writeMap(writer: Writer, x: string, { scale, zeroPoint }: QuantParams): string {
  const by = [
    writer.constant(`${x}/scale`, floats([], [scale])),
    writer.constant(`${x}/zero-point`, bytes(UINT8, [], [zeroPoint])),
  ];
  const steps = writer.node("QuantizeLinear", [x, ...by], `${x}/quantized`);
  return writer.node("DequantizeLinear", [steps, ...by], `${x}/dequantized`);
}

/** A constant's steps as floats again. */
function writeBack(
  writer: Writer,
  of: string,
  steps: OnnxTensor,
  scales: readonly number[],
  zeros?: OnnxTensor,
): string {
  const input = [
    writer.constant(`${of}/quantized`, steps),
    writer.constant(`${of}/scale`, floats([scales.length], scales)),
    ...(zeros === undefined ? [] : [writer.constant(`${of}/zero-point`, zeros)]),
  ];
  return writer.node("DequantizeLinear", input, `${of}/dequantized`, BY_CHANNEL);
}

/** Nodes and constants as they are written, under names that are free. */
interface Writer {
  readonly nodes: OnnxNode[];
  readonly given: (name: string) => OnnxTensor;
  /** The name it gets. */
  readonly constant: (wish: string, tensor: OnnxTensor) => string;
  /** The name of what it computes. */
  readonly node: (
    opType: string,
    input: readonly string[],
    wish: string,
    attribute?: OnnxNode["attribute"],
  ) => string;
  /** Those that are read. */
  readonly initializers: () => readonly OnnxTensor[];
}

function openWriter({ node: before = [], initializer = [], input = [] }: OnnxGraph): Writer {
  const tensors = new Map(initializer.map((tensor) => [tensor.name ?? "", tensor]));
  const outputs = before.flatMap(({ output = [], name = "" }) => [...output, name]);
  const taken = new Set([...tensors.keys(), ...outputs, ...input.map(({ name = "" }) => name)]);
  const nodes: OnnxNode[] = [];
  const free = (wish: string): string => {
    let name = wish;
    while (taken.has(name)) name += "_";
    taken.add(name);
    return name;
  };
  return {
    nodes,
    given: (name) => defined(tensors.get(name), `constant ${name}`),
    constant: (wish, tensor) => {
      const name = free(wish);
      tensors.set(name, { ...tensor, name });
      return name;
    },
    node: (opType, from, wish, attribute = []) => {
      const name = free(wish);
      nodes.push({ name, opType, input: from, output: [name], attribute });
      return name;
    },
    initializers: () => {
      const read = new Set(nodes.flatMap(({ input: of = [] }) => of));
      return [...tensors.values()].filter(({ name = "" }) => read.has(name));
    },
  };
}
