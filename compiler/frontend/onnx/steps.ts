import { rangeOfType } from "./integer-range.ts";
import type { NodeContext } from "./node-context.ts";
import { normalAxis } from "./operators/axis.ts";
import { DATA_TYPES, FLOAT32 } from "./schema.ts";
import { isIntegerType } from "./tensor-data.ts";
import { elementCount, type IntegerType, isKnown, shapeText, typeOf } from "./value.ts";
import { EXACT } from "./whole.ts";

// What quantized numbers stand for: (number - zero point) * scale, with one pair for all, one for each index of an axis, or for blocks of it.

/** How QuantizeLinear and DequantizeLinear say along what their scales lie. */
export interface StepsAlong {
  readonly axis: number;
  readonly block_size: number;
}

/** Which elements of x share a scale: all, those of an index of `axis`, or of `block` neighbours along it. */
export type StepsShared =
  | { readonly by: "all" }
  | { readonly by: "axis"; readonly axis: number }
  | { readonly by: "blocks"; readonly axis: number; readonly block: number };

/** Inputs 1 and 2 of a node beside x of `shape`. */
export function stepsShared(
  node: NodeContext,
  shape: readonly number[],
  { axis: given, block_size: block }: StepsAlong,
): StepsShared {
  const scale = shapeAt(node, 1);
  const zero = node.optional(2) === undefined ? scale : shapeAt(node, 2);
  if (elementCount(zero) !== elementCount(scale)) {
    node.invalid(`its scale has shape ${shapeText(scale)}, its zero point ${shapeText(zero)}`);
  }
  if (block === 0 && elementCount(scale) === 1) return { by: "all" };
  const axis = normalAxis(node, given, shape.length);
  const fits =
    block === 0 ? scale.length === 1 && scale[0] === shape[axis] : isBlocked(scale, shape, axis, block);
  if (!fits) node.invalid(`its scale has shape ${shapeText(scale)} for axis ${axis} of ${shapeText(shape)}`);
  return block === 0 ? { by: "axis", axis } : { by: "blocks", axis, block };
}

function shapeAt(node: NodeContext, i: number): readonly number[] {
  const value = node.value(i);
  return isKnown(value) ? value.shape : node.activation(i).shape;
}

function isBlocked(scale: readonly number[], shape: readonly number[], axis: number, block: number): boolean {
  const blocks = shape.map((d, i) => (i === axis ? Math.ceil(d / block) : d));
  return block > 0 && scale.length === shape.length && blocks.every((d, i) => d === scale[i]);
}

/** The type of a quantized result: its zero point's, or what the attribute names, or uint8. */
export function quantizedType(node: NodeContext, outputType: number): IntegerType {
  const zero = node.optional(2);
  const named = outputType === 0 ? undefined : (DATA_TYPES[outputType] ?? `number ${outputType}`);
  const type = zero === undefined ? (named ?? "uint8") : typeOf(zero);
  if (named !== undefined && named !== type) node.invalid(`its zero point is ${type}, its output ${named}`);
  if (!isNarrow(type)) return node.unsupported(`to ${type}: only to whole numbers of 8 or 16 bits`);
  return type;
}

/** Types that ONNX quantizes to, of which float32 holds every number. */
function isNarrow(type: string): type is IntegerType {
  return isIntegerType(type) && type !== "bool" && rangeOfType(type)[1] < EXACT;
}

/** What is taken back and its zero point are of one type. */
export function checkZeroPoint(node: NodeContext): void {
  const zero = node.optional(2);
  if (zero === undefined) return;
  const [type, own] = [typeOf(node.value(0)), typeOf(zero)];
  if (type !== own) node.invalid(`its input is ${type}, its zero point ${own}`);
}

/** What a node computes in, or gives: float32, as it is where nothing is said. */
export function checkFloat32(node: NodeContext, what: string, type: number): void {
  if (type !== 0 && type !== FLOAT32) node.unsupported(`${what} ${DATA_TYPES[type] ?? type}: only float32`);
}

/** Scales that are known must be numbers, and above 0 where something is divided by them. */
export function checkScales(node: NodeContext, divided: boolean): void {
  const scale = node.value(1);
  if (!isKnown(scale)) return;
  if (scale.kind !== "constant") node.invalid(`its scale \`${scale.name}\` is ${scale.type}`);
  const wrong = scale.data.find((v) => !Number.isFinite(v) || (divided && v <= 0));
  if (wrong !== undefined) node.unsupported(`its scale \`${scale.name}\` holds ${wrong}`);
}
