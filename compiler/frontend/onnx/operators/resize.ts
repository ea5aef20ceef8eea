import { moving } from "../moving.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { refuseRows } from "../selected.ts";
import type { TensorValue } from "../value.ts";
import { type Along, emitAlong, helpAlong } from "./along.ts";
import { normalAxis } from "./axis.ts";
import { type Coordinates, originalPlace, type ResizedAxis } from "./resize-coordinates.ts";
import { type Sampling, sampled } from "./resize-taps.ts";
import { emitTruncated } from "./resize-whole.ts";

/** What Resize did before opset 11 and Upsample always does: no attribute says where elements lie. */
const OF_OLD = {
  coordinates: "asymmetric",
  nearestMode: "simple",
  cubicA: -0.75,
  excludeOutside: false,
  antialias: false,
} as const;

/** Upsample: scales are an attribute before opset 9, an input in it. */
const upsample = operator("Upsample", (node, { mode, scales: given }) => {
  const x = node.activation(0);
  const scales = given ?? [...node.constant(1, "scales").data];
  if (scales.some((scale) => scale < 1)) node.invalid(`its scales are [${scales.join(", ")}], below 1`);
  resizeBy(node, x, { mode, ...OF_OLD }, byScales(node, x, axesOf(node, x, undefined), scales), 0);
});

/** Resize: by scales, or from opset 11 on to sizes; where elements lie and how they are weighted is said from 11 on, too. */
const resize = operator("Resize", (node, a) => {
  const x = node.activation(0);
  const { mode, axes: given, keep_aspect_ratio_policy: policy, extrapolation_value: value } = a;
  const how: Sampling = {
    mode,
    coordinates: a.coordinate_transformation_mode,
    nearestMode: a.nearest_mode,
    cubicA: a.cubic_coeff_a,
    excludeOutside: a.exclude_outside,
    antialias: a.antialias,
    ...(node.opset < 11 ? OF_OLD : {}),
  };
  if (how.antialias && mode === "nearest") node.unsupported('antialias=1 of mode="nearest"');
  const axes = axesOf(node, x, given);
  const scales = floats(node, node.opset < 11 ? 1 : 2, "scales");
  const sizes = node.opset < 11 ? undefined : listed(node.integers(3, "sizes"));
  if ((scales === undefined) === (sizes === undefined)) node.invalid("it has one of scales and sizes");
  const resized =
    scales === undefined ? bySizes(node, x, axes, sizes ?? [], policy) : byScales(node, x, axes, scales);
  const roi = node.opset < 11 ? undefined : floats(node, 1, "roi");
  resizeBy(
    node,
    x,
    how,
    how.coordinates === "tf_crop_and_resize" ? cropped(node, resized, roi) : resized,
    value,
  );
});

function axesOf(node: NodeContext, x: TensorValue, given: readonly number[] | undefined): readonly number[] {
  const axes = given?.map((axis) => normalAxis(node, axis, x.shape.length)) ?? x.shape.map((_, i) => i);
  if (new Set(axes).size < axes.length) node.invalid(`axes [${given?.join(", ")}] name a dimension twice`);
  return axes;
}

/** Known floats; an empty list is none. */
function floats(node: NodeContext, i: number, what: string): readonly number[] | undefined {
  return node.optional(i) === undefined ? undefined : listed([...node.constant(i, what).data]);
}

function listed(list: readonly number[] | undefined): readonly number[] | undefined {
  return list?.length === 0 ? undefined : list;
}

function byScales(
  node: NodeContext,
  { shape }: TensorValue,
  axes: readonly number[],
  scales: readonly number[],
): readonly ResizedAxis[] {
  checkCount(node, axes, scales, "scales");
  if (scales.some((scale) => !(scale > 0))) node.invalid(`its scales are [${scales.join(", ")}]`);
  return axes.map((axis, i) => {
    const to = Math.floor(Math.fround(Math.fround(scales[i]) * shape[axis]));
    return { axis, from: shape[axis], to, scale: scales[i], roi: [0, 1] };
  });
}

function bySizes(
  node: NodeContext,
  { shape }: TensorValue,
  axes: readonly number[],
  sizes: readonly number[],
  policy: "stretch" | "not_larger" | "not_smaller",
): readonly ResizedAxis[] {
  checkCount(node, axes, sizes, "sizes");
  for (const axis of axes) refuseRows(node, 0, "a size", axis);
  const scales = axes.map((axis, i) => Math.fround(sizes[i] / shape[axis]));
  const common = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
  return axes.map((axis, i) => {
    const from = shape[axis];
    if (policy === "stretch") return { axis, from, to: sizes[i], scale: scales[i], roi: [0, 1] };
    return { axis, from, to: Math.round(Math.fround(common * from)), scale: common, roi: [0, 1] };
  });
}

function checkCount(node: NodeContext, axes: readonly number[], list: readonly number[], what: string): void {
  if (list.length !== axes.length) node.invalid(`${list.length} ${what} for ${axes.length} dimensions`);
}

/** Begins of the parts, then their ends, as parts of the whole. */
function cropped(
  node: NodeContext,
  axes: readonly ResizedAxis[],
  roi: readonly number[] | undefined,
): readonly ResizedAxis[] {
  if (roi === undefined) return node.invalid("it crops, and has no roi");
  if (roi.length !== 2 * axes.length)
    node.invalid(`${roi.length} numbers of roi for ${axes.length} dimensions`);
  return axes.map((axis, i) => ({ ...axis, roi: [roi[i], roi[axes.length + i]] }));
}

/** Resizes along each axis; what lies outside of the input, with `tf_crop_and_resize`, is `value`. Those that are nearest are moved only. */
function resizeBy(
  given: NodeContext,
  x: TensorValue,
  how: Sampling,
  axes: readonly ResizedAxis[],
  value: number,
): void {
  const node = moving(given, x.whole);
  const changed = axes.filter(
    ({ from, to, scale, roi }) => from !== to || scale !== 1 || roi[0] !== 0 || roi[1] !== 1,
  );
  for (const axis of changed) checkExtent(node, how.coordinates, axis);
  node.reserve(changed.reduce((sum, { to, from }) => sum + to + (how.antialias ? 4 * from : 4 * to), 0));
  const within = changed.map((axis) => outputsWithin(node, how, axis));
  const parts = changed.map((axis, i) => sampled(how, axis, within[i].before, within[i].count));
  const around = changed.flatMap(({ axis, to }, i): Along[] => {
    const { before, count } = within[i];
    return count === to ? [] : [{ kind: "pad", axis, before, after: to - before - count, value }];
  });
  const { whole } = x;
  if (whole !== undefined && around.length > 0) node.unsupported(`of ${whole.type} with extrapolation_value`);
  if (whole !== undefined && how.mode !== "nearest") emitTruncated(given, { ...x, whole }, how, parts);
  else if (around.length === 0) emitAlong(node, x, parts);
  else emitAlong(node, helpAlong(node, x, parts), around);
}

/**
 * Refuses an axis without elements, and one whose elements lie where ONNX's text and ONNX Runtime count by how many there are, and ONNX's
 * own tests by the length before it is rounded down.
 */
function checkExtent(
  node: NodeContext,
  coordinates: Coordinates,
  { axis, from, to, scale }: ResizedAxis,
): void {
  if (to < 1) node.unsupported(`axis ${axis} becomes ${to} long`);
  const length = Math.fround(Math.fround(scale) * from);
  const counts =
    coordinates === "align_corners" ||
    coordinates === "tf_crop_and_resize" ||
    (coordinates === "pytorch_half_pixel" && to === 1);
  if (!counts || Math.abs(length - to) < 1e-4 * to) return;
  node.unsupported(
    `coordinate_transformation_mode="${coordinates}" with ${shortNumber(length)} elements along axis ${axis}: it is not settled where they lie; give sizes`,
  );
}

function shortNumber(value: number): number {
  return Number(value.toPrecision(6));
}

/** Which elements of the output lie inside of the input: all, but for those that a crop takes from outside. */
function outputsWithin(
  node: NodeContext,
  { coordinates }: Sampling,
  axis: ResizedAxis,
): { readonly before: number; readonly count: number } {
  if (coordinates !== "tf_crop_and_resize") return { before: 0, count: axis.to };
  const inside = Array.from({ length: axis.to }, (_, o) => {
    const place = originalPlace(coordinates, o, axis);
    return place >= 0 && place <= axis.from - 1;
  });
  const before = inside.indexOf(true);
  if (before < 0) return node.unsupported(`its roi lies outside of axis ${axis.axis}`);
  return { before, count: inside.lastIndexOf(true) + 1 - before };
}

export const resizingOperators = [upsample, resize] as const;
