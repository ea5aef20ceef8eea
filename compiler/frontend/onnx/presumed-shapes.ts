import { isPortType } from "./float-types.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import { DATA_TYPES } from "./schema.ts";
import type { Value } from "./value.ts";

// What a refused node computes has a shape all the same; with it the nodes behind can be looked at, so that all that stands in the
// way is told at once. The network is refused whatever is found.

/** Shapes that the file states for floats it computes, where all dimensions are fixed. */
export function statedShapes(graph: OnnxGraph): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const { name = "", type } of [...(graph.valueInfo ?? []), ...(graph.output ?? [])]) {
    const { elemType = 0, shape } = type?.tensorType ?? {};
    const dims = shape?.dim?.map(({ dimValue = 0 }) => dimValue);
    if (isPortType(DATA_TYPES[elemType] ?? "") && dims?.every((d) => d > 0)) shapes.set(name, dims);
  }
  return shapes;
}

/** Functions of each element, or of each along some axes, of their first input. */
const SHAPE_KEEPING =
  /^(Acosh?|Asinh?|Atanh?|Cosh?|Sinh?|Tan|Exp|Log|Sqrt|Neg|Abs|Sign|Floor|Ceil|Round|Reciprocal|Erf|Celu|Shrink|ThresholdedRelu|Clip|PRelu|\w*Gelu|Swish|Softmax|LogSoftmax|Hardmax|\w+Normalization|LRN|CumSum|Dropout|Scatter\w*|Trilu)$/;
/** Of two or more inputs that are spread to one shape. */
const SPREADING = /^(Add|Sub|Mul|Div|Pow|Max|Min|Sum|Mean|Mod|Where)$/;

/** The shape of a refused node's first result, as far as its operator or the file says. */
export function presumedShape(
  node: OnnxNode,
  stated: ReadonlyMap<string, readonly number[]>,
  values: ReadonlyMap<string, Value>,
): readonly number[] | undefined {
  const { input = [], output = [], opType = "" } = node;
  const found = stated.get(output[0] ?? "");
  if (found !== undefined) return found;
  const shapes = input.filter((name) => name !== "").map((name) => shapeOf(values.get(name)));
  if (SHAPE_KEEPING.test(opType)) return shapes[0];
  const known = shapes.filter((shape) => shape !== undefined);
  return SPREADING.test(opType) && known.length === shapes.length ? spreadTo(known) : undefined;
}

function shapeOf(value: Value | undefined): readonly number[] | undefined {
  return value === undefined || value.kind === "unknown" ? undefined : value.shape;
}

function spreadTo(shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) =>
    Math.max(...shapes.map((shape) => shape[i - rank + shape.length] ?? 1)),
  );
}
