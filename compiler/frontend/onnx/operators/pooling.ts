import type { Pads, Pool } from "../../../graph/graph.ts";
import { moving } from "../moving.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { sameShape, shapeText, type TensorValue } from "../value.ts";
import { emitPoolPlaces } from "./pool-places.ts";
import { asMaps, emitPixel, emitPool, mapped } from "./pool-stages.ts";
import {
  type AutoPad,
  ONE_PLACE,
  paddedInput,
  planeOf,
  resolveWindow,
  type Side,
  unpadded,
} from "./window.ts";

/** MaxPool; Indices where something reads them. */
const maxPool = operator("MaxPool", (node, { storage_order: order, ...attributes }) => {
  // it chooses elements, of whatever type
  const chosen = moving(node);
  // zeros of a Pad before it may win
  const { x, outside } = unpadded(chosen);
  const sides = pooled(node, attributes, x, outside);
  const [values = "", places = ""] = node.outputNames;
  if (values !== "") emitPool(chosen, x, sides, (rows, columns) => ({ op: maximum(rows, columns) }));
  if ((node.state.uses.get(places) ?? 0) > 0) emitPoolPlaces(node, 1, x, sides, order === 1);
});

/** AveragePool. Zeros of a Pad before it count always, its own padding with count_include_pad, and what ceil_mode adds never. */
const averagePool = operator("AveragePool", (node, attributes) => {
  const { x, outside } = paddedInput(node);
  const own = pooled(node, attributes, x, outside);
  const sides = own.map((side, d) => {
    const uncounted = attributes.count_include_pad ? side.uncounted : ([side.begin, side.end] as const);
    return { ...widened(side, d, outside), uncounted };
  });
  const plain = sides.every(({ dilation, begin, end }) => dilation === 1 && begin + end === 0);
  const kernel = sides.map((side) => side.kernel);
  // rows of whole maps are summed by themselves, which keeps more digits (ops/pool/global-avg-pool.kernel.ts)
  if (plain && sameShape(kernel, x.shape.slice(2))) {
    emitPixel(node, x, { kind: "global-avg-pool" }, asMaps(node, x));
  } else emitPool(node, x, sides, (rows, columns) => ({ op: average(rows, columns) }));
});

function maximum(rows: Side, columns: Side): Pool {
  const { kernel, strides, pads, dilations } = planeOf([rows, columns]);
  return { kind: "pool", mode: "max", kernel, strides, pads, dilations, countIncludePad: false };
}

function average(rows: Side, columns: Side): Pool {
  const { kernel, strides, pads, dilations } = planeOf([rows, columns]);
  const window = { kind: "pool", mode: "average", kernel, strides, pads, dilations } as const;
  const uncounted: Pads = [rows.uncounted[0], columns.uncounted[0], rows.uncounted[1], columns.uncounted[1]];
  if (sameShape(uncounted, pads)) return { ...window, countIncludePad: false };
  const all = uncounted.every((p) => p === 0);
  return { ...window, countIncludePad: true, ...(!all && { uncounted }) };
}

interface PoolAttributes {
  readonly auto_pad: AutoPad;
  readonly ceil_mode: boolean;
  readonly dilations: readonly number[] | undefined;
  readonly kernel_shape: readonly number[];
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}

/** The window of a pool over [N,C,L], [N,C,H,W] or [N,C,D,H,W]. */
export function pooled(
  node: NodeContext,
  attributes: PoolAttributes,
  x: TensorValue,
  outside: Pads,
): readonly Side[] {
  const kernel = attributes.kernel_shape;
  const extents = x.shape.slice(2);
  if (extents.length < 1 || extents.length > 3) {
    node.unsupported(`input of shape ${shapeText(x.shape)}: only 1-D, 2-D and 3-D pools are supported`);
  }
  if (kernel.length !== extents.length) {
    node.invalid(`kernel_shape ${shapeText(kernel)} for an input of shape ${shapeText(x.shape)}`);
  }
  const sides = resolveWindow(node, {
    input: extents,
    outside,
    kernel,
    strides: attributes.strides,
    dilations: attributes.dilations,
    pads: attributes.pads,
    autoPad: attributes.auto_pad,
    ceil: attributes.ceil_mode,
  });
  // The specification leaves open what it gives; ONNX Runtime gives the lowest number, or a NaN.
  if (sides.some((side, d) => holdsOnlyPadding(extents[d], widened(side, d, outside)))) {
    node.unsupported("one of its windows holds nothing but padding");
  }
  return sides;
}

/** A side with the zeros that a Pad put around it: around images only, which have two. */
function widened(side: Side, d: number, outside: Pads): Side {
  return { ...side, begin: side.begin + outside[d], end: side.end + (outside[d + 2] ?? 0) };
}

/** Whether a window, at some place, has no tap on the input. */
function holdsOnlyPadding(extent: number, { kernel, stride, dilation, begin, output }: Side): boolean {
  const touches = (at: number): boolean => {
    const start = at * stride - begin;
    const first = start < 0 ? Math.ceil(-start / dilation) : 0;
    return first < kernel && start + first * dilation < extent;
  };
  return Array.from({ length: output }, (_, at) => at).some((at) => !touches(at));
}

/** GlobalAveragePool: x [N,C,...] to [N,C,1,...]. */
const globalAveragePool = operator("GlobalAveragePool", (node) => {
  const x = mapped(node);
  emitPixel(node, x, { kind: "global-avg-pool" }, asMaps(node, x));
});

/** GlobalMaxPool: the same of maxima. */
const globalMaxPool = operator("GlobalMaxPool", (node) => {
  const x = mapped(node);
  const maps = asMaps(node, x);
  const [, , h, w] = maps.shape;
  const [rows, columns] = [h, w].map((kernel) => ({ ...ONE_PLACE, kernel }));
  emitPixel(node, x, maximum(rows, columns), maps);
});

export const poolingOperators = [maxPool, averagePool, globalAveragePool, globalMaxPool] as const;
