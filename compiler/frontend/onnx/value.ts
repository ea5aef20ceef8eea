import type { Pads } from "../../graph/graph.ts";

/** What an ONNX value name stands for while a model is read. */
export type Value = TensorValue | ConstantValue | IntegersValue | PaddedValue | UnknownValue;

/** An activation: a graph input or the output of a node already emitted. */
export interface TensorValue {
  readonly kind: "tensor";
  readonly name: string;
  readonly shape: readonly number[];
  /** Set where it holds whole numbers or truths, not float32. */
  readonly whole?: Whole;
}
/**
 * Whole numbers, or truths, of an ONNX type that lie in float32, from `lo` to `hi`: each exactly, or, where they are `unsure`, as
 * NaN what could not be held so or is an error of the model's (an index outside). What is computed of NaN is NaN.
 */
export interface Whole {
  readonly type: IntegerType;
  readonly lo: number;
  readonly hi: number;
  readonly unsure?: true;
}
/** Known float32 contents, row-major. */
export interface ConstantValue {
  readonly kind: "constant";
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** The file's type, where it is another than float32; known values are computed in it. */
  readonly type?: FloatType;
  /** Contents of a float64 before they were rounded. */
  readonly doubles?: Float64Array;
}
export type FloatType = "float32" | "float16" | "bfloat16" | "float64";
/** Known integers: shapes, axes and what exporters compute from them, and weights that are quantized, in as few bytes as the file has. */
export interface IntegersValue {
  readonly kind: "integers";
  readonly type: IntegerType;
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}
export type IntegerType =
  | ("int64" | "int32" | "int16" | "int8")
  | ("uint64" | "uint32" | "uint16" | "uint8")
  | "bool";

/** A tensor with zeros around its last two dimensions: a convolution or pool absorbs them, for others a node makes them. */
export interface PaddedValue {
  readonly kind: "padded";
  readonly name: string;
  /** Name of the Pad. */
  readonly node: string;
  readonly shape: readonly number[];
  readonly of: TensorValue;
  readonly pads: Pads;
}
/** The result of a node that could not be imported. */
export interface UnknownValue {
  readonly kind: "unknown";
  readonly name: string;
}

/** Rows along an axis of which the first are used: there `used`, a tensor of their number, is 1, else 0. */
export interface Rows {
  readonly axis: number;
  readonly used: string;
}
/** Where what is selected lies, in order, and which of as many places there are. */
export interface Places {
  readonly at: TensorValue;
  readonly used: string;
}

/** Elements of a tensor, at most: 8 GiB. */
export const MOST_ELEMENTS = 2 ** 31;
/** Integers of one list, at most: shapes, axes and pads are few. */
export const MOST_INTEGERS = 1000;
/** Integers that the import computes for one value, at most: which pairs of tokens of each window attend to each other. */
export const MOST_COMPUTED = 2 ** 20;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** "1x3x224x224", for messages. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join("x");
}

/** Contents that are there before the network runs. */
export type KnownValue = ConstantValue | IntegersValue;

/** What a value is, as ONNX names it. */
export function typeOf(value: Value): IntegerType | FloatType {
  if (value.kind === "integers") return value.type;
  if (value.kind === "constant") return value.type ?? "float32";
  return value.kind === "tensor" && value.whole !== undefined ? value.whole.type : "float32";
}

export function isKnown(value: Value | undefined): value is KnownValue {
  return value?.kind === "constant" || value?.kind === "integers";
}

/** A shape with axes of one element before its own. */
export function padShape(shape: readonly number[], rank: number): readonly number[] {
  return [...Array<number>(rank - shape.length).fill(1), ...shape];
}

/** The shape that several are spread to (ONNX's multidirectional broadcasting); undefined where they do not fit. */
export function spreadShape(shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const padded = shapes.map((shape) => padShape(shape, rank));
  const spread = Array.from({ length: rank }, (_, i) => padded.find((shape) => shape[i] !== 1)?.[i] ?? 1);
  return padded.every((shape) => shape.every((d, i) => d === 1 || d === spread[i])) ? spread : undefined;
}
