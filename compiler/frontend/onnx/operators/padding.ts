import type { Pads } from "../../../graph/graph.ts";
import { assertNever } from "../../../support/assert.ts";
import { moving } from "../moving.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { refuseRows } from "../selected.ts";
import type { TensorValue, Whole } from "../value.ts";
import { joined } from "../whole.ts";
import { type Along, emitAlong } from "./along.ts";
import { normalAxis } from "./axis.ts";

interface AxisPad {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Pad: pads are an attribute before opset 11, an input from 11 on; below 0 they leave elements away. Without any padding it is the
 * identity (PyTorch writes such nodes before AveragePool); zeros around H and W wait for the convolution behind.
 */
const pad = operator("Pad", (context, { mode, pads: given, value }) => {
  const x = context.activation(0);
  const whole = x.whole && (mode === "constant" ? withFiller(context, x.whole) : x.whole);
  const node = moving(context, whole);
  const pads = given ?? node.integers(1, "pads") ?? node.invalid("it has no pads");
  const filler = whole === undefined ? (node.number(2, "filler") ?? value) : fillerOf(node);
  const axes = paddedAxes(node, x, pads).filter(({ before, after }) => before !== 0 || after !== 0);
  for (const { axis, before, after } of axes) {
    if (x.shape[axis] + before + after < 1 || x.shape[axis] + Math.min(before, 0) + Math.min(after, 0) < 1)
      node.unsupported(
        `pads ${before} and ${after} leave nothing of the ${x.shape[axis]} elements of axis ${axis}`,
      );
  }
  for (const { axis } of axes) refuseRows(context, 0, "padding", axis);
  if (axes.length === 0) {
    node.become(x);
  } else if (mode !== "constant") {
    emitAlong(
      node,
      x,
      axes.map((along) => repeated(node, mode, along, x.shape[along.axis])),
    );
  } else if (filler === 0 && whole === undefined && absorbable(axes, x)) {
    node.become(waiting(node, x, axes));
  } else {
    emitAlong(
      node,
      x,
      axes.map((along) => ({ kind: "pad", value: filler, ...along })),
    );
  }
});

/** What is put beside whole numbers. */
function fillerOf(node: NodeContext): number {
  const filler = node.optional(2);
  if (filler === undefined) return 0;
  if (filler.kind !== "integers" || filler.data.length !== 1)
    return node.unsupported(
      `its filler \`${filler.name}\` must be one whole number known before the network runs`,
    );
  return filler.data[0];
}

function withFiller(node: NodeContext, whole: Whole): Whole {
  const filler = fillerOf(node);
  if (Math.fround(filler) !== filler) node.unsupported(`with ${filler}, which float32 does not hold`);
  return joined([whole, { type: whole.type, lo: filler, hi: filler }]);
}

function paddedAxes(node: NodeContext, x: TensorValue, pads: readonly number[]): readonly AxisPad[] {
  const rank = x.shape.length;
  const named = node.integers(3, "axes") ?? x.shape.map((_, i) => i);
  const axes = named.map((axis) => normalAxis(node, axis, rank));
  if (new Set(axes).size < axes.length) node.invalid(`axes [${named.join(", ")}] name a dimension twice`);
  if (pads.length !== 2 * axes.length) node.invalid(`${pads.length} pads for ${axes.length} dimensions`);
  return axes.map((axis, i) => ({ axis, before: pads[i], after: pads[axes.length + i] }));
}

/** Whether a convolution or a pool can take the padding over. */
function absorbable(axes: readonly AxisPad[], { shape }: TensorValue): boolean {
  return (
    shape.length === 4 && axes.every(({ axis, before, after }) => axis >= 2 && before >= 0 && after >= 0)
  );
}

function waiting(node: NodeContext, of: TensorValue, axes: readonly AxisPad[]) {
  const [rows, columns] = [2, 3].map(
    (side) => axes.find(({ axis }) => axis === side) ?? { before: 0, after: 0 },
  );
  const pads: Pads = [rows.before, columns.before, rows.after, columns.after];
  const [n, c, h, w] = of.shape;
  const shape = [n, c, h + pads[0] + pads[2], w + pads[1] + pads[3]];
  return { kind: "padded", name: node.outputName, node: node.name, shape, of, pads } as const;
}

type Repeating = "reflect" | "edge" | "wrap";

/** What lies outside is one of the elements inside. */
function repeated(node: NodeContext, mode: Repeating, { axis, before, after }: AxisPad, size: number): Along {
  if (Math.min(before, after) < 0 && Math.max(before, after) > 0)
    node.unsupported(
      `mode="${mode}" with pads ${before} and ${after}: one leaves elements away, one repeats some`,
    );
  node.reserve(size + before + after);
  const at = Array.from({ length: size + before + after }, (_, i) => inside(mode, i - before, size));
  return { kind: "gather", axis, at };
}

/** As numpy.pad has it: `reflect` does not repeat the edge itself. */
function inside(mode: Repeating, i: number, size: number): number {
  switch (mode) {
    case "edge":
      return Math.min(Math.max(i, 0), size - 1);
    case "wrap":
      return ((i % size) + size) % size;
    case "reflect": {
      if (size === 1) return 0;
      const period = 2 * (size - 1);
      const place = ((i % period) + period) % period;
      return place < size ? place : period - place;
    }
    default:
      return assertNever(mode);
  }
}

export const paddingOperators = [pad] as const;
