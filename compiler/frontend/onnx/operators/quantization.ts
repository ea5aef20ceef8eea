import { rangeOfType } from "../integer-range.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import {
  checkFloat32,
  checkScales,
  checkZeroPoint,
  quantizedType,
  type StepsAlong,
  stepsShared,
} from "../steps.ts";
import { elementCount, sameShape, type TensorValue, type Whole } from "../value.ts";
import { emitElementwise, madeOperand, type Operand, operandOf } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { findWhole } from "./whole-operand.ts";

// Quantized maps are whole numbers in float32. A number that is quantized and taken back at once is one function (fake-quantize,
// graph/passes/pair-quantization.ts), which a convolution ends with.

/** QuantizeLinear (opset 10): x / scale to the nearest whole number, halves to the even one, and the zero point, held by its type. */
const quantizeLinear = operator("QuantizeLinear", (node, { output_dtype, precision, ...along }) => {
  checkFloat32(node, "precision", precision);
  const x = node.tensor(0);
  checkScales(node, true);
  const type = quantizedType(node, output_dtype);
  const { scale, zero } = stepsBeside(node, x, along);
  const [lo, hi] = rangeOfType(type);
  const whole: Whole = { type, lo, hi };
  const clamp = { lo, hi };
  const single = singleSteps(scale, zero);
  if (single !== undefined) {
    const activation = { fn: "quantize", alpha: single.scale, beta: single.zero } as const;
    node.emit({ kind: "activation", activation, clamp }, [x.name], x.shape, whole);
    return;
  }
  const round = { activation: { fn: "round", alpha: 0, beta: 0 } } as const;
  const steps = emitElementwise(node, "div", [x, scale], "steps", round);
  const moved = zero === undefined ? steps : emitElementwise(node, "add", [steps, zero], "moved");
  node.emit({ kind: "clamp", clamp }, [moved.name], x.shape, whole);
});

/** DequantizeLinear (opset 10): (x - zero point) * scale. */
const dequantizeLinear = operator("DequantizeLinear", (node, { output_dtype: type, ...along }) => {
  checkFloat32(node, "output_dtype", type);
  checkScales(node, false);
  const x = node.activation(0);
  if (x.whole === undefined) node.invalid(`its input \`${x.name}\` is float32`);
  checkZeroPoint(node);
  const { scale, zero } = stepsBeside(node, x, along);
  const single = singleSteps(scale, zero);
  if (single !== undefined) {
    node.emit(functionOp("dequantize", single.scale, single.zero), [x.name], x.shape);
    return;
  }
  const from = zero === undefined ? x : emitElementwise(node, "sub", [x, zero], "centred");
  emitElementwise(node, "mul", [from, scale]);
});

interface Steps {
  readonly scale: Operand;
  readonly zero: Operand | undefined;
}

/** Scale and zero point of a node as they are spread over x; a zero point of zeros is none. */
function stepsBeside(node: NodeContext, x: TensorValue, along: StepsAlong): Steps {
  const shared = stepsShared(node, x.shape, along);
  if (shared.by === "blocks") node.unsupported("blocks of a map: only of weights");
  const rank = shared.by === "axis" ? x.shape.length - shared.axis : 0;
  const spread = (operand: Operand): Operand => {
    const shape = rank === 0 ? [] : [elementCount(operand.shape), ...Array<number>(rank - 1).fill(1)];
    if (sameShape(shape, operand.shape)) return operand;
    if (operand.kind === "tensor") {
      return node.emitHelper("spread", { kind: "reshape" }, [operand.name], shape, operand.whole);
    }
    return rank === 0 ? { ...operand, shape } : madeOperand(node, "spread", shape, operand.data);
  };
  const zero = node.optional(2) === undefined ? undefined : findWhole(node, 2);
  if (node.optional(2) !== undefined && zero === undefined) {
    node.unsupported(`its zero point \`${node.inputName(2)}\` must be whole numbers`);
  }
  const none = zero?.kind === "constant" && zero.data.every((v) => v === 0);
  return {
    scale: spread(operandOf(node, 1)),
    zero: zero === undefined || none ? undefined : spread(zero),
  };
}

/** One known scale and zero point for all elements. */
function singleSteps(
  scale: Operand,
  zero: Operand | undefined,
): { readonly scale: number; readonly zero: number } | undefined {
  if (scale.kind === "tensor" || zero?.kind === "tensor" || scale.data.length !== 1) return undefined;
  return { scale: scale.data[0], zero: zero?.data[0] ?? 0 };
}

export const quantizationOperators = [quantizeLinear, dequantizeLinear] as const;
