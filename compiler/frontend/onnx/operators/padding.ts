import type { Pads } from "../../../graph/graph.ts";
import { operator } from "../operator.ts";

/**
 * Pad: pads are an attribute before opset 11, an input from 11 on. Without any padding it is the identity (PyTorch
 * writes such nodes before AveragePool); zeros around H and W wait for the convolution behind.
 */
const pad = operator("Pad", (node, { mode, pads: given, value }) => {
  const x = node.tensor(0);
  const pads = given ?? node.integers(1, "pads") ?? node.invalid("it has no pads");
  const rank = x.shape.length;
  if (node.optional(3) !== undefined) node.unsupported("input axes");
  const filler = node.number(2, "filler") ?? value;
  if (pads.length !== 2 * rank) node.invalid(`${pads.length} pads for ${rank} dimensions`);
  if (pads.every((p) => p === 0)) {
    node.become(x);
    return;
  }
  const spatial = rank === 4 && [0, 1, 4, 5].every((i) => pads[i] === 0) && pads.every((p) => p >= 0);
  if (mode !== "constant" || filler !== 0 || !spatial) {
    node.unsupported(`mode="${mode}" pads=[${pads.join(",")}] filler ${filler}: only zeros around H and W`);
  }
  const [top, left, bottom, right] = [pads[2], pads[3], pads[6], pads[7]] as unknown as Pads;
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const shape = [n, c, h + top + bottom, w + left + right];
  node.become({ kind: "padded", name: node.outputName, shape, of: x, pads: [top, left, bottom, right] });
});

export const paddingOperators = [pad] as const;
