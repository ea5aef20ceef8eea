import { roundEven } from "../../../ir/functions.ts";
import { rangeOfType } from "../integer-range.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { FLOAT32 } from "../schema.ts";
import {
  checkFloat32,
  checkScales,
  checkZeroPoint,
  quantizedType,
  type StepsAlong,
  type StepsShared,
  stepsShared,
} from "../steps.ts";
import { give, type Known, known } from "./known.ts";
import { stridesOf } from "./walk.ts";

// Weights as they come from quantizers: whole numbers that stand for floats, and floats that are to become such.

/** (x - zero point) * scale (opset 10), in float32 as ONNX Runtime does it; what it gives is of the scale's type. */
const dequantize = operator("DequantizeLinear", (node, { output_dtype: type, ...along }) => {
  checkFloat32(node, "output_dtype", type);
  checkScales(node, false);
  const x = known(node, 0);
  checkZeroPoint(node);
  const { scales, zeros, type: own } = stepsOf(node, x, along);
  give(node, type === FLOAT32 ? "float32" : own, x.shape, () =>
    eachFloat(x, (v, i) => Math.fround(v - zeros(i)) * scales(i)),
  );
});

/** x / scale to the nearest whole number, halves to the even one, and the zero point (opset 10). */
const quantize = operator("QuantizeLinear", (node, { output_dtype, precision, ...along }) => {
  checkFloat32(node, "precision", precision);
  checkScales(node, true);
  const x = known(node, 0);
  const type = quantizedType(node, output_dtype);
  const { scales, zeros } = stepsOf(node, x, along);
  const [least, most] = rangeOfType(type);
  node.reserve(x.data.length);
  const data = eachFloat(x, (v, i) => {
    const steps = roundEven(Math.fround(v / scales(i))) + zeros(i);
    return Math.min(Math.max(steps, least), most) + 0;
  });
  if (data.some(Number.isNaN)) node.unsupported("of NaN");
  node.become({ kind: "integers", type, name: node.outputName, shape: x.shape, data });
});

/** A loop: `from` with a function first lists what it is given, and weights are many. */
function eachFloat({ data }: Known, of: (v: number, i: number) => number): Float32Array {
  const floats = new Float32Array(data.length);
  for (let i = 0; i < floats.length; i++) floats[i] = of(data[i], i);
  return floats;
}

/** Scale and zero point of each element of x, and the scales' type. */
function stepsOf(node: NodeContext, { shape }: Known, along: StepsAlong) {
  const at = placesOf(shape, stepsShared(node, shape, along));
  const { type, data: scale } = known(node, 1);
  const zero = node.optional(2) === undefined ? undefined : known(node, 2).data;
  return { type, scales: (i: number) => scale[at(i)], zeros: (i: number) => zero?.[at(i)] ?? 0 };
}

/** Which of the scales is an element's. */
function placesOf(shape: readonly number[], shared: StepsShared): (i: number) => number {
  if (shared.by === "all") return () => 0;
  const extent = shape[shared.axis];
  const inner = stridesOf(shape)[shared.axis];
  const along = (i: number): number => Math.floor(i / inner) % extent;
  if (shared.by === "axis") return along;
  const { block } = shared;
  const blocks = Math.ceil(extent / block);
  return (i) => {
    const before = Math.floor(i / (inner * extent)) * blocks;
    return (before + Math.floor(along(i) / block)) * inner + (i % inner);
  };
}

export const knownQuantization = [dequantize, quantize] as const;
