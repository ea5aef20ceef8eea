import type { DepthToSpace } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { mover } from "../operator.ts";
import { shapeText, type TensorValue } from "../value.ts";

const ORDERS = {
  DCR: "blocks-first",
  CRD: "channels-first",
} as const satisfies Readonly<Record<string, DepthToSpace["order"]>>;

/** DepthToSpace: x [N,C*b*b,H,W] to [N,C,H*b,W*b]; CRD counts blocks within a channel, DCR (all there was before opset 11) outside. */
const depthToSpace = mover("DepthToSpace", (node, { blocksize: b, mode }) => {
  const x = images(node, b);
  const [n, depth, h, w] = x.shape;
  if (depth % (b * b) !== 0) node.invalid(`${depth} channels in blocks of ${b}x${b}`);
  const op = { kind: "depth-to-space", blocks: [b, b], order: ORDERS[mode ?? "DCR"], from: [0, 0] } as const;
  node.emit(op, [x.name], [n, depth / (b * b), h * b, w * b]);
});

/** SpaceToDepth: x [N,C,H,W] to [N,C*b*b,H/b,W/b], the reverse. */
const spaceToDepth = mover("SpaceToDepth", (node, { blocksize: b, mode }) => {
  const x = images(node, b);
  const [n, c, h, w] = x.shape;
  if (h % b !== 0 || w % b !== 0) node.invalid(`a map of ${h}x${w} in blocks of ${b}x${b}`);
  const op = { kind: "space-to-depth", blocks: [b, b], order: ORDERS[mode ?? "DCR"] } as const;
  node.emit(op, [x.name], [n, c * b * b, h / b, w / b]);
});

function images(node: NodeContext, blocksize: number): TensorValue {
  const x = node.tensor(0);
  if (x.shape.length !== 4) node.unsupported(`input of shape ${shapeText(x.shape)}: only [N,C,H,W]`);
  if (blocksize < 1) node.invalid(`blocksize=${blocksize}`);
  return x;
}

export const spaceOperators = [depthToSpace, spaceToDepth] as const;
