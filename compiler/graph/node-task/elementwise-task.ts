import { ELEMENTWISE } from "../../ops/elementwise/elementwise.ts";
import { opCall } from "../../ops/op-call.ts";
import { anyExtents, elementCount, imageExtents, NO_PADS, shapeOf } from "../extents.ts";
import type { ElementwiseOp, Graph, GraphNode, WhereOp } from "../graph.ts";
import { channelPositions, type Layout, positionCount } from "../layout.ts";
import { mergedAxes } from "../merged-axes.ts";
import type { View } from "../view.ts";
import { endingDims } from "./epilogue-dims.ts";
import { type NodeTask, type OperandLayouts, type ParamBinding, weightBinding } from "./node-task.ts";
import { activation, constantOf } from "./operands.ts";

/** How a kernel sees an operand: four extents in memory, the step along each, and the view that shows it so. */
interface Seen {
  readonly extents: readonly number[];
  readonly steps: readonly number[];
  readonly view: View;
}

/** A function of two tensors that are spread over each other: images as they are, others as rows of merged axes. */
export function elementwiseTask(
  graph: Graph,
  node: GraphNode,
  op: ElementwiseOp,
  layouts: OperandLayouts,
): NodeTask {
  const { inputs, output } = node;
  const shapes = [inputs[0], inputs[1], output].map((name) => shapeOf(graph, name));
  const fixed = op.constant === undefined ? undefined : 1;
  const [a, b, y] = imageExtents(shapes[2]) === undefined ? asRows(shapes) : asImages(shapes, layouts, fixed);
  const [N, C, H, W] = y.extents;
  const dims = {
    ...{ N, C, H, W },
    ...dimsOfA(a),
    ...dimsOfB(b),
    FN: ELEMENTWISE[op.fn].fn,
    CONSTANT: op.constant === undefined ? 0 : op.constant === "second" ? 1 : 2,
    ...endingDims(node),
  };
  const unused = (param: string): ParamBinding => ({ kind: "unused", param });
  const second =
    op.constant === undefined
      ? [activation("b", 1, b.view), unused("k")]
      : [unused("b"), constantBinding(shapes[1], constantOf(graph, node, 1), b, layouts.output)];
  const params = [activation("a", 0, a.view), ...second, activation("y", "output", y.view)];
  return { ...opCall("elementwise", dims), params };
}

/** One of two tensors by a third, all spread over each other. */
export function whereTask(
  graph: Graph,
  { inputs, output }: GraphNode,
  op: WhereOp,
  layouts: OperandLayouts,
): NodeTask {
  const shapes = [...inputs, output].map((name) => shapeOf(graph, name));
  const [c, a, b, y] = imageExtents(shapes[3]) === undefined ? asRows(shapes) : asImages(shapes, layouts);
  const [N, C, H, W] = y.extents;
  const dims = {
    ...{ N, C, H, W },
    ...{ ...dimsOfA(a), ...dimsOfB(b), ...dimsOfC(c) },
    UNSURE: op.unsure ? 1 : 0,
  };
  const params = [
    ...[activation("when", 0, c.view), activation("a", 1, a.view), activation("b", 2, b.view)],
    activation("y", "output", y.view),
  ];
  return { ...opCall("where", dims), params };
}

function dimsOfA({ extents: [AN, AC, AH, AW], steps: [A0, A1, A2, A3] }: Seen) {
  return { AN, AC, AH, AW, A0, A1, A2, A3 };
}

function dimsOfB({ extents: [BN, BC, BH, BW], steps: [B0, B1, B2, B3] }: Seen) {
  return { BN, BC, BH, BW, B0, B1, B2, B3 };
}

function dimsOfC({ extents: [CN, CC, CH, CW], steps: [C0, C1, C2, C3] }: Seen) {
  return { CN, CC, CH, CW, C0, C1, C2, C3 };
}

/**
 * Operands, then the output. Blocked channels are as many as the layout has positions; one channel that serves all is the first of
 * its block. `constant`: the operand that is one.
 */
function asImages(
  shapes: readonly (readonly number[])[],
  { inputs, output }: OperandLayouts,
  constant?: number,
): readonly Seen[] {
  const last = shapes.length - 1;
  const out = anyExtents(shapes[last]);
  const layouts = shapes.map((_, i) => (i === last || i === constant ? output : inputs[i]));
  const view: View = { form: "images", pads: NO_PADS };
  return shapes.map((shape, i) => {
    const { n, c, h, w } = anyExtents(shape);
    const channels = i === constant && c === 1 ? 1 : positionCount(layouts[i], c);
    // a constant of one channel serves the positions beside the only one, too
    const all = i === constant ? positionCount(layouts[last], out.c) : out.c;
    return {
      extents: [n, channels, h, w],
      steps: [step(n, out.n), step(c, all), step(h, out.h), step(w, out.w)],
      view,
    };
  });
}

function asRows(shapes: readonly (readonly number[])[]): readonly Seen[] {
  return mergedAxes(shapes, 4).map((extents, _, all) => ({
    extents,
    steps: extents.map((extent, i) => step(extent, all[all.length - 1][i])),
    view: { form: "matrix", shape: extents, pads: NO_PADS },
  }));
}

function step(extent: number, output: number): number {
  return extent === 1 && output !== 1 ? 0 : 1;
}

/** A constant in the order of positions that the output's channels have; those of no channel get the constant's first element. */
function constantBinding(
  shape: readonly number[],
  values: Float32Array,
  { extents, view }: Seen,
  layout: Layout,
): ParamBinding {
  const [n, positions, h, w] = extents;
  const { c } = anyExtents(shape);
  if (view.form === "matrix" || positions === 1) return weightBinding("k", extents, () => values);
  const channels = channelPositions(layout, c);
  const map = h * w;
  return weightBinding("k", extents, () => {
    const arranged = new Float32Array(elementCount(extents)).fill(values[0]);
    for (let i = 0; i < n; i++) {
      channels.forEach((channel, p) => {
        if (channel < 0) return;
        const from = (i * c + channel) * map;
        arranged.set(values.subarray(from, from + map), (i * positions + p) * map);
      });
    }
    return arranged;
  });
}
