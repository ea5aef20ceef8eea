import type { ConvDims } from "../../ops/conv2d/algorithm.ts";
import type { Conv2d, GraphNode } from "../graph.ts";

/** The sizes of a convolution; `shape` gives those of its tensors. */
export function convDimsOf(
  { inputs, output }: GraphNode,
  { groups: G, strides: [SH, SW], dilations: [DH, DW] }: Conv2d,
  shape: (tensor: string) => readonly number[],
): ConvDims {
  const [channels, IC, KH, KW] = shape(inputs[1]);
  const [N, , OH, OW] = shape(output);
  return { N, G, OC: channels / G, IC, OH, OW, KH, KW, SH, SW, DH, DW };
}
