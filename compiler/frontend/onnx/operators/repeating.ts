import type { NodeContext } from "../node-context.ts";
import { mover } from "../operator.ts";
import { refuseRows } from "../selected.ts";
import { padShape, shapeText, spreadShape, type TensorValue } from "../value.ts";
import { emitAlong } from "./along.ts";

/** Expand: dimensions of 1 are repeated as a shape says that is joined with the tensor's own by ONNX's broadcasting. */
const expand = mover("Expand", (node) => {
  const x = node.tensor(0);
  const wanted = node.integers(1, "shape") ?? node.invalid("it has no shape");
  const shape = spreadShape([x.shape, wanted]);
  if (shape === undefined) return node.invalid(`it expands ${shapeText(x.shape)} to [${wanted.join(", ")}]`);
  const from = padShape(x.shape, shape.length);
  // one row would be repeated as often as the shape says
  padShape(wanted, shape.length).forEach((d, i) => {
    if (d !== 1) refuseRows(node, 0, "an expansion", i - shape.length + x.shape.length);
  });
  repeat(
    node,
    ranked(node, x, from),
    from.map((d, i) => (d === 1 ? shape[i] : 1)),
  );
});

/** Tile: each dimension repeated so many times, as a whole. */
const tile = mover("Tile", (node) => {
  const x = node.tensor(0);
  const repeats = node.integers(1, "repeats") ?? node.invalid("it has no repeats");
  if (repeats.length !== x.shape.length)
    node.invalid(`${repeats.length} repeats for ${x.shape.length} dimensions`);
  repeat(node, x, repeats);
});

function repeat(node: NodeContext, x: TensorValue, times: readonly number[]): void {
  const lengths = x.shape.map((d, axis) => d * times[axis]);
  if (lengths.some((d) => d < 1))
    node.unsupported(`its output has no elements: its shape is ${shapeText(lengths)}`);
  const axes = times.flatMap((n, axis) => (n === 1 ? [] : [axis]));
  node.reserve(axes.reduce((sum, axis) => sum + lengths[axis], 0));
  emitAlong(
    node,
    x,
    axes.map((axis) => ({
      kind: "gather",
      axis,
      at: Array.from({ length: lengths[axis] }, (_, i) => i % x.shape[axis]),
    })),
  );
}

/** The tensor with dimensions of 1 before its own. */
function ranked(node: NodeContext, x: TensorValue, shape: readonly number[]): TensorValue {
  if (shape.length === x.shape.length) return x;
  return node.emitHelper(`rank${shape.length}`, { kind: "reshape" }, [x.name], shape);
}

export const repeatingOperators = [expand, tile] as const;
