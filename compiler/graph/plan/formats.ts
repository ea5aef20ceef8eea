import type { Quantization } from "../../ir/quantization.ts";
import { type Format, isAlike } from "../layout.ts";
import type { PlanNode } from "./plan-node.ts";

/** What the numbers of each tensor are while the network runs. */
export type Formats = (tensor: string) => Format;

/** The formats of a target: of f32, and of f16 where a network may have these; of tensors that lie as i8, what these stand for. */
interface PossibleFormats {
  readonly single: Format;
  readonly half?: Format | undefined;
  readonly bytes: ReadonlyMap<string, Quantization>;
}

/**
 * A kernel writes f16 where it can (`isHalf`), and what only moves data has what it moves: all of one type in that, else f32. What a
 * caller gives is f32.
 */
export function formatsOf(
  nodes: readonly PlanNode[],
  { single, half, bytes }: PossibleFormats,
  isHalf: (node: PlanNode & { readonly kind: "kernel" }) => boolean,
): Formats {
  const inFloats = floatFormats(nodes, { single, half }, isHalf);
  const inBytes = new Map([...bytes].map(([tensor, quantized]) => [tensor, { ...single, quantized }]));
  return (tensor) => inBytes.get(tensor) ?? inFloats(tensor);
}

/** In which numbers a node reads a tensor: as it lies where those are i8, which only nodes read that take them; else in floats as it writes them. */
export function readFormat(formats: Formats, { output }: PlanNode, tensor: string): Format {
  const lies = formats(tensor);
  if (lies.quantized !== undefined) return lies;
  const { quantized: _, ...floats } = formats(output);
  return floats;
}

function floatFormats(
  nodes: readonly PlanNode[],
  { single, half }: Omit<PossibleFormats, "bytes">,
  isHalf: (node: PlanNode & { readonly kind: "kernel" }) => boolean,
): Formats {
  if (half === undefined) return () => single;
  const halves = new Set<string>();
  for (const node of nodes) {
    const { inputs, output } = node;
    const writes = node.kind === "kernel" ? isHalf(node) : inputs.every((tensor) => halves.has(tensor));
    if (writes) halves.add(output);
  }
  return (tensor) => (halves.has(tensor) ? half : single);
}

/**
 * The same nodes, but where rows are read in other numbers than the images that they are: nothing converts an image's memory as it
 * lies, so its elements are copied to rows first.
 */
export function rowsOfOneFormat(nodes: readonly PlanNode[], formats: Formats): readonly PlanNode[] {
  return nodes.map((node) => {
    if (node.kind !== "flatten") return node;
    const readers = nodes.filter(({ inputs }) => inputs.includes(node.output));
    const alike = readers.every(({ output }) => isAlike(formats(output), formats(node.output)));
    return alike ? node : { ...node, kind: "reshape" };
  });
}
