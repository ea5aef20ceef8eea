import type { OnnxAttribute, OnnxNode, OnnxTensor } from "../onnx/model.ts";
import { FLOAT32 } from "../onnx/schema.ts";
import { constantNumbers, transposed, typeNumber } from "./constants.ts";
import { damaged } from "./flatbuffer.ts";
import type { TfliteModel, TfliteOperator, TfliteTensor } from "./model.ts";

/** How a value of four dimensions lies: as the file has it, or with channels before rows and columns, as ONNX's windows want it. */
export type Layout = "last" | "first";

/**
 * A network on its way to ONNX. Values go by the number of their tensor, in the layouts that somebody has asked for or made; those of
 * 8 bits go as the floats that they stand for, rounded to their steps.
 */
export interface Translation {
  readonly model: TfliteModel;
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxTensor[];
  /** Names of a tensor's values. */
  readonly values: Map<number, Partial<Record<Layout, string>>>;
  /** Names that are taken. */
  readonly names: Set<string>;
  /** Tensors that are the same at each inference: made of constants, and of shapes. */
  readonly fixed: ReadonlySet<number>;
}

/** Writes an operator's nodes; `unsupported` where it cannot. */
export type Translate = (t: Translation, op: TfliteOperator) => void;

/** Dimensions of a value with channels first, by those of channels last; and back. */
export const TO_FIRST = [0, 3, 1, 2] as const;
export const TO_LAST = [0, 2, 3, 1] as const;

/** Throws F121 where an operator has fewer inputs or outputs than one of its kind. */
export function tensorOf(t: Translation, tensor: number | undefined): TfliteTensor {
  const found = t.model.tensors[tensor ?? -1];
  if (found === undefined) throw damaged("an operator lacks an input or an output");
  return found;
}
/** Whether a shape or an amount that an operator is given is what the file's own shapes say: it is not, where it hangs on an input's numbers. */
export function isFixed({ model, fixed }: Translation, { inputs }: TfliteOperator, input: number): boolean {
  const tensor = inputs[input] ?? -1;
  return tensor < 0 || fixed.has(tensor) || model.tensors[tensor].data !== undefined;
}

export function shapeOf(t: Translation, tensor: number): readonly number[] {
  return tensorOf(t, tensor).shape;
}

/** A shape of four dimensions in a layout. */
export function shapeIn(shape: readonly number[], layout: Layout): readonly number[] {
  return layout === "first" ? TO_FIRST.map((d) => shape[d]) : shape;
}

/** Where a dimension lies; negative ones count from the last. */
export function axisIn(axis: number, rank: number, layout: Layout): number {
  const positive = axis < 0 ? axis + rank : axis;
  return layout === "first" ? TO_FIRST.indexOf(positive as 0) : positive;
}

/** Whether an input is there. */
export function hasInput({ inputs }: TfliteOperator, input: number): boolean {
  return (inputs[input] ?? -1) >= 0;
}

/** The layout in which a value is there already; windows make channels come first. */
export function layoutOf(t: Translation, tensor: number): Layout {
  return t.values.get(tensor)?.first === undefined ? "last" : "first";
}

export function freshName(t: Translation, wish: string): string {
  let name = wish;
  for (let n = 2; t.names.has(name); n++) name = `${wish} ${n}`;
  t.names.add(name);
  return name;
}

/** Writes a node of one result, and says its name. */
export function emit(
  t: Translation,
  opType: string,
  input: readonly string[],
  { as, attribute = [], domain }: { as: string; attribute?: readonly OnnxAttribute[]; domain?: string },
): string {
  const name = freshName(t, as);
  t.nodes.push({ name, opType, input, output: [name], attribute, ...(domain !== undefined && { domain }) });
  return name;
}

/** The k greatest along an axis, of equals the first, and where they are: results of one node, called as told. */
export function emitTopK(
  t: Translation,
  [x, k]: readonly [x: string, k: number],
  axis: number,
  as: readonly [values: string, indices: string],
): readonly [values: string, indices: string] {
  const [values, indices] = [freshName(t, as[0]), freshName(t, as[1])];
  const [input, output] = [
    [x, wholes(t, [k])],
    [values, indices],
  ];
  t.nodes.push({ name: values, opType: "TopK", input, output, attribute: [int("axis", axis)] });
  return [values, indices];
}

/** A constant of whole numbers (int64), as shapes and axes are; or of floats. */
export function wholes(t: Translation, numbers: readonly number[]): string {
  const name = freshName(t, "shape");
  t.initializers.push({ name, dims: [numbers.length], dataType: 7, int64Data: numbers });
  return name;
}
export function floats(
  t: Translation,
  numbers: Float32Array,
  dims: readonly number[],
  as = "constant",
): string {
  const name = freshName(t, as);
  const rawData = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  t.initializers.push({ name, dims, dataType: FLOAT32, rawData });
  return name;
}
export function scalar(t: Translation, value: number): string {
  return floats(t, Float32Array.of(value), []);
}

/** Numbers of a constant, those of steps times their scale; undefined: it is computed. */
export function numbersOf(t: Translation, tensor: number): Float32Array | readonly number[] | undefined {
  return tensor < 0 ? undefined : constantNumbers(tensorOf(t, tensor));
}

/** The value of an operator's input in a layout; a constant of fewer dimensions gets ones before them to have channels first. */
export function operand(t: Translation, tensor: number, layout: Layout = "last"): string {
  const known = t.values.get(tensor) ?? {};
  const found = known[layout];
  if (found !== undefined) return found;
  const { name, shape } = tensorOf(t, tensor);
  const other = known[layout === "last" ? "first" : "last"];
  const made =
    other === undefined
      ? constantIn(t, tensor, layout)
      : emit(t, "Transpose", [other], {
          as: `${name}/${layout}`,
          attribute: [ints("perm", layout === "first" && shape.length === 4 ? TO_FIRST : TO_LAST)],
        });
  t.values.set(tensor, { ...t.values.get(tensor), [layout]: made });
  return made;
}

function constantIn(t: Translation, tensor: number, layout: Layout): string {
  const { name, shape } = tensorOf(t, tensor);
  if (layout === "last" || shape.length === 0) return constant(t, tensor, shape, undefined);
  const four = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape];
  return constant(t, tensor, four, TO_FIRST, `${name}/first`);
}

/** A constant, its dimensions reordered. What is neither constant nor computed is left for the importer to name. */
export function constant(
  t: Translation,
  tensor: number,
  shape: readonly number[],
  order: readonly number[] | undefined,
  as = tensorOf(t, tensor).name,
): string {
  const numbers = numbersOf(t, tensor);
  if (numbers === undefined) return as;
  const dims = order === undefined ? shape : order.map((d) => shape[d]);
  if (numbers instanceof Float32Array)
    return floats(t, order === undefined ? numbers : transposed(numbers, shape, order), dims, as);
  const name = freshName(t, as);
  const whole = order === undefined ? numbers : transposed(numbers, shape, order);
  t.initializers.push({ name, dims, ...typed(typeNumber(tensorOf(t, tensor)), [...whole]) });
  return name;
}

function typed(dataType: number, numbers: readonly number[]): Partial<OnnxTensor> {
  return dataType === 7 ? { dataType, int64Data: numbers } : { dataType, int32Data: numbers };
}

/** An input with its dimensions in another order: constants are written so. */
export function reordered(t: Translation, tensor: number, order: readonly number[]): string {
  const { name, shape } = tensorOf(t, tensor);
  if (numbersOf(t, tensor) !== undefined)
    return constant(t, tensor, shape, order, `${name}/${order.join("")}`);
  return emit(t, "Transpose", [operand(t, tensor)], {
    as: `${name}/${order.join("")}`,
    attribute: [ints("perm", order)],
  });
}

/**
 * What an operator computes, in floats: it becomes the value of its output. Of one of 8 bits it is rounded to steps first, unless it only
 * moved numbers of those steps, of tensor `moved`.
 */
export function result(
  t: Translation,
  tensor: number,
  name: string,
  layout: Layout = "last",
  moved?: number,
): void {
  const { quantization } = tensorOf(t, tensor);
  const isSame = moved !== undefined && haveSameGrid(t, [moved, tensor]);
  const counted = moved === undefined || isSame ? name : recounted(t, tensor, name, tensorOf(t, moved));
  const steps = quantization === undefined || isSame ? counted : rounded(t, tensor, counted);
  t.values.set(tensor, { [layout]: steps });
}

/** What moves numbers moves bytes: so many steps of its input are as many of its output, where converters gave that others. */
function recounted(t: Translation, tensor: number, name: string, from: TfliteTensor): string {
  const to = tensorOf(t, tensor);
  const [a, b] = [from.quantization, to.quantization];
  if (a === undefined || b === undefined || from.type !== to.type) return name;
  const scaled = emit(t, "Mul", [name, scalar(t, b.scales[0] / a.scales[0])], { as: `${to.name}/scaled` });
  const offset = b.scales[0] * (a.zeroPoints[0] - b.zeroPoints[0]);
  return offset === 0 ? scaled : emit(t, "Add", [scaled, scalar(t, offset)], { as: `${to.name}/offset` });
}

/** Whether tensors of 8 bits all have the same steps. */
export function haveSameGrid(t: Translation, tensors: readonly number[]): boolean {
  return new Set(tensors.map((i) => gridText(tensorOf(t, i)))).size === 1;
}

/** Which numbers a tensor may hold: those of uint8 with a zero point of 128 are those of int8 with 0. */
function gridText({ type, quantization }: TfliteTensor): string {
  const [bits, first] = type === "uint8" ? ["int8", 128] : [type, 0];
  return quantization === undefined
    ? "none"
    : JSON.stringify([bits, quantization.scales, quantization.zeroPoints.map((z) => z - first)]);
}

/** QuantizeLinear and DequantizeLinear with a tensor's scale. */
function rounded(t: Translation, tensor: number, name: string): string {
  const { name: of } = tensorOf(t, tensor);
  const grid = gridOf(t, tensor);
  const numbers = emit(t, "QuantizeLinear", [name, ...grid], { as: `${of}/quantized` });
  return emit(t, "DequantizeLinear", [numbers, ...grid], { as: `${of}/dequantized` });
}

/** Names of a tensor's scale and zero point. */
export function gridOf(t: Translation, tensor: number): readonly [string, string] {
  const of = tensorOf(t, tensor);
  const [scale, zero] = [of.quantization?.scales[0] ?? 1, of.quantization?.zeroPoints[0] ?? 0];
  const point = freshName(t, "zero point");
  t.initializers.push({ name: point, dims: [], dataType: typeNumber(of), int32Data: [zero] });
  return [scalar(t, scale), point];
}

/** Most often why one is not: its shapes or amounts are computed while the network runs, or there is no translation. */
const TRANSLATED_OTHERWISE = "no translation of its form";

/** Leaves an operator to the importer, which refuses it by name with all others, and says what it is for. */
export function unsupported(
  t: Translation,
  { name, inputs, outputs }: TfliteOperator,
  because = TRANSLATED_OTHERWISE,
): void {
  const given = inputs.filter((i) => i >= 0).map((i) => operand(t, i));
  const made = outputs.map((o) => freshName(t, tensorOf(t, o).name));
  t.nodes.push({
    name: made[0] ?? name,
    opType: name,
    domain: "tflite",
    input: given,
    output: made,
    attribute: [text("because", because)],
  });
  outputs.forEach((o, i) => {
    t.values.set(o, { last: made[i] });
  });
}

export function int(name: string, i: number): OnnxAttribute {
  return { name, type: 2, i };
}
export function float(name: string, f: number): OnnxAttribute {
  return { name, type: 1, f };
}
export function text(name: string, s: string): OnnxAttribute {
  return { name, type: 3, s: new TextEncoder().encode(s) };
}
export function ints(name: string, list: readonly number[]): OnnxAttribute {
  return { name, type: 7, ints: list };
}
