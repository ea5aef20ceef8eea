import type { Clamp } from "../../../graph/graph.ts";
import { type ActivationName, PLAIN_ACTIVATIONS } from "../../../ops/activation/activations.ts";
import { channelValues } from "../channel-values.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { elementCount, sameShape, shapeText, type TensorValue } from "../value.ts";
import { broadcastShape, emitElementwise, type Operand, operandOf } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { clampWhole, mapWhole } from "./whole-arithmetic.ts";
import { findWhole, readsWhole, type WholeOperand, wholeOperand } from "./whole-operand.ts";

const RELU: Clamp = { lo: 0, hi: Number.POSITIVE_INFINITY };

const relu = operator("Relu", (node) => {
  if (readsWhole(node)) clampWhole(node, [zeroOf(wholeOperand(node, 0)), undefined]);
  else emitClamp(node, RELU);
});

function zeroOf({ whole: { type } }: WholeOperand): WholeOperand {
  return { kind: "constant", name: "0", shape: [], data: Float32Array.of(0), whole: { type, lo: 0, hi: 0 } };
}

/** Clip: bounds are attributes before opset 11, scalar inputs from 11 on; an absent bound does not bound. */
const clip = operator("Clip", (node, { min, max }) => {
  if (min === undefined && max === undefined && findWhole(node, 0) !== undefined) {
    const bound = (i: number) => (node.inputName(i) === "" ? undefined : wholeOperand(node, i));
    clampWhole(node, [bound(1), bound(2)]);
    return;
  }
  if (node.optional(1)?.kind === "tensor" || node.optional(2)?.kind === "tensor") {
    clipByComputed(node);
    return;
  }
  const lo = min ?? node.number(1, "min") ?? Number.NEGATIVE_INFINITY;
  const hi = max ?? node.number(2, "max") ?? Number.POSITIVE_INFINITY;
  if (Number.isNaN(lo) || Number.isNaN(hi)) node.invalid("a bound is NaN");
  // What a side without a bound is written as: as a bound itself it would be lost.
  if (lo === Number.POSITIVE_INFINITY || hi === Number.NEGATIVE_INFINITY) {
    node.unsupported(`bounds ${lo} and ${hi}: every result would be infinite or one bound`);
  }
  emitClamp(node, { lo, hi });
});

/** A bound that is computed while the network runs: the larger, then the smaller of two tensors. */
function clipByComputed(node: NodeContext): void {
  const bounds = ([1, 2] as const).filter((i) => isGiven(node, i));
  let x = operandOf(node, 0);
  for (const i of bounds) {
    const bound = operandOf(node, i);
    if (elementCount(bound.shape) !== 1 || bound.shape.length > x.shape.length) {
      node.invalid(`its bound \`${bound.name}\` of shape ${shapeText(bound.shape)} is no scalar`);
    }
    const helper = i === bounds.at(-1) ? undefined : "lowered";
    x = emitElementwise(node, i === 1 ? "max" : "min", [x, bound], helper);
  }
}

/** An infinite bound may be there for want of one. */
function isGiven(node: NodeContext, i: 1 | 2): boolean {
  const bound = node.optional(i);
  const none = i === 1 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return bound !== undefined && !(bound.kind === "constant" && bound.data[0] === none);
}

function emitClamp(node: NodeContext, clamp: Clamp): void {
  const x = node.tensor(0);
  if (clamp.lo === Number.NEGATIVE_INFINITY && clamp.hi === Number.POSITIVE_INFINITY) node.become(x);
  else node.emit({ kind: "clamp", clamp }, [x.name], x.shape);
}

const plain = PLAIN_ACTIVATIONS.map(({ type, fn }) =>
  operator(type, (node) => {
    if ((type === "Abs" || type === "Sign") && readsWhole(node)) mapWhole(node, type);
    else emitActivation(node, fn);
  }),
);
const hardSwish = operator("HardSwish", (node) => emitActivation(node, "hard-swish", 1 / 6, 0.5));

const swish = operator("Swish", (node, { alpha }) => emitActivation(node, "silu", alpha));

const leakyRelu = operator("LeakyRelu", (node, { alpha }) => emitActivation(node, "leaky-relu", alpha));
const elu = operator("Elu", (node, { alpha }) => emitActivation(node, "elu", alpha));
const selu = operator("Selu", (node, { alpha, gamma }) => emitActivation(node, "selu", alpha, gamma));
const hardSigmoid = operator("HardSigmoid", (node, { alpha, beta }) =>
  emitActivation(node, "hard-sigmoid", alpha, beta),
);

const thresholdedRelu = operator("ThresholdedRelu", (node, { alpha }) =>
  emitActivation(node, "thresholded-relu", alpha),
);
const shrink = operator("Shrink", (node, { bias, lambd }) => emitActivation(node, "shrink", lambd, bias));
const celu = operator("Celu", (node, { alpha }) => {
  if (alpha === 0) node.unsupported("alpha is 0");
  emitActivation(node, "celu", alpha);
});

const gelu = operator("Gelu", (node, { approximate }) => {
  emitActivation(node, approximate === "tanh" ? "gelu-tanh" : "gelu");
});

/** Before opset 7 slopes of one dimension are one for each channel; from then on they are spread as all else is. */
function slopeOf(node: NodeContext, x: TensorValue): Operand {
  const slope = operandOf(node, 1);
  const old =
    node.opset < 7 && slope.kind === "constant" && slope.shape.length === 1 && slope.data.length > 1;
  if (!old) return slope;
  if (slope.shape[0] !== x.shape[1])
    node.invalid(`it has ${slope.shape[0]} slopes for ${x.shape[1]} channels`);
  return { ...slope, shape: [slope.shape[0], ...x.shape.slice(2).map(() => 1)] };
}

/** PRelu with one slope is LeakyRelu; with one per channel an operator of its own; else slopes are spread over x. */
const prelu = operator("PRelu", (node: NodeContext) => {
  const x = node.tensor(0);
  const slope = slopeOf(node, x);
  const slopes = slope.kind === "constant" ? channelValues(node, x.shape, slope) : undefined;
  if (slopes === undefined || x.shape.length < 2) {
    if (!sameShape(broadcastShape(node, [x, slope]), x.shape)) {
      node.invalid(`its slopes of shape ${shapeText(slope.shape)} do not fit ${shapeText(x.shape)}`);
    }
    emitElementwise(node, "prelu", [x, slope]);
    return;
  }
  if (slopes.every((v) => v === slopes[0])) {
    emitActivation(node, "leaky-relu", slopes[0]);
    return;
  }
  node.emit({ kind: "prelu" }, [x.name, node.weight("slope", [slopes.length], slopes)], x.shape);
});

function emitActivation(node: NodeContext, fn: ActivationName, alpha = 0, beta = 0): void {
  const x = node.tensor(0);
  if (!Number.isFinite(alpha) || !Number.isFinite(beta)) node.invalid("an attribute is not finite");
  node.emit(functionOp(fn, alpha, beta), [x.name], x.shape);
}

export const activationOperators = [
  relu,
  clip,
  ...plain,
  hardSwish,
  swish,
  leakyRelu,
  elu,
  selu,
  hardSigmoid,
  thresholdedRelu,
  shrink,
  celu,
  gelu,
  prelu,
] as const;
