import type { NodeOp } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { shapeText, type TensorValue } from "../value.ts";
import { asFrames, emitVolumes } from "./frames.ts";
import { asImages, type Emit, imageEmitter } from "./row-images.ts";
import { ONE_PLACE, type Side } from "./window.ts";

/** What a pool does to images [N,C,H,W] with a window of these rows and columns. */
export interface PoolStage {
  readonly op: NodeOp;
  /** Constants behind the images. */
  readonly constants?: readonly string[];
}
export type MakeStage = (rows: Side, columns: Side, channels: number) => PoolStage;

/**
 * x [N,C,L], [N,C,H,W] or [N,C,D,H,W] pooled. Volumes are pooled in two stages, the images of all depths and then the depths of
 * all pixels: for maxima, averages and sums that is the same.
 */
export function emitPool(
  node: NodeContext,
  x: TensorValue,
  sides: readonly Side[],
  make: MakeStage,
  last: Emit = node.emit,
): void {
  const [n, c, ...extents] = x.shape;
  const [columns, rows = ONE_PLACE, depth] = sides.toReversed();
  if (depth === undefined) {
    const { op, constants = [] } = make(rows, columns, c);
    const shape = [n, c, rows.output, columns.output];
    imageEmitter(node, x, last)(op, [asImages(node, x).name, ...constants], shape);
    return;
  }
  if (depth.kernel === 1 && depth.output === extents[0]) emitFrames(node, x, [rows, columns], make, last);
  else emitStages(node, x, [depth, rows, columns], make, last);
}

/** Volumes whose depths are pooled alone. */
function emitFrames(
  node: NodeContext,
  x: TensorValue,
  [rows, columns]: readonly Side[],
  make: MakeStage,
  last: Emit,
): void {
  const [n, c, d] = x.shape;
  const { op, constants = [] } = make(rows, columns, c);
  const inputs = [asFrames(node, x).name, ...constants];
  const frames = node.emitHelper("images", op, inputs, [d * n, c, rows.output, columns.output]);
  emitVolumes(node, frames, [n, c, d, rows.output, columns.output], last);
}

function emitStages(
  node: NodeContext,
  x: TensorValue,
  [depth, rows, columns]: readonly Side[],
  make: MakeStage,
  last: Emit,
): void {
  const help = (part: string, op: NodeOp, inputs: readonly string[], shape: readonly number[]): string =>
    node.emitHelper(part, op, inputs, shape).name;
  const [n, c, d, h, w] = x.shape;
  const first = make(rows, columns, c * d);
  const planes = help("planes", { kind: "reshape" }, [x.name], [n, c * d, h, w]);
  const inPlanes = [planes, ...(first.constants ?? [])];
  const images = help("images", first.op, inPlanes, [n, c * d, rows.output, columns.output]);
  const pixels = rows.output * columns.output;
  const second = make(depth, { ...ONE_PLACE, output: pixels }, c);
  const depths = help("depths", { kind: "reshape" }, [images], [n, c, d, pixels]);
  const inDepths = [depths, ...(second.constants ?? [])];
  const volumes = help("volumes", second.op, inDepths, [n, c, depth.output, pixels]);
  last({ kind: "reshape" }, [volumes], [n, c, depth.output, rows.output, columns.output]);
}

/** Input 0, [N,C,...]. */
export function mapped(node: NodeContext): TensorValue {
  const x = node.tensor(0);
  if (x.shape.length < 3) node.unsupported(`input of shape ${shapeText(x.shape)}: only [N,C,...]`);
  return x;
}

/** Tensors of any dimensions as images whose maps hold the same elements: [N,C,...] as [N,C,H,W]. */
export function asMaps(node: NodeContext, x: TensorValue): TensorValue {
  const [n, c, ...extents] = x.shape;
  if (extents.length === 2) return x;
  const columns = extents.at(-1) ?? 1;
  const rows = extents.slice(0, -1).reduce((a, b) => a * b, 1);
  return node.emitHelper("maps", { kind: "reshape" }, [x.name], [n, c, rows, columns]);
}

/** The node's result: x as one pixel of as many dimensions as `given` has, by an operator whose output is [N,C,1,1]. */
export function emitPixel(node: NodeContext, given: TensorValue, op: NodeOp, maps: TensorValue): void {
  const [n, c, ...extents] = given.shape;
  if (extents.length === 2) {
    node.emit(op, [maps.name], [n, c, 1, 1]);
    return;
  }
  const pixel = node.emitHelper("pixel", op, [maps.name], [n, c, 1, 1]);
  node.emit({ kind: "reshape" }, [pixel.name], [n, c, ...extents.map(() => 1)]);
}
