import { type DynamicConv2d, NO_CLAMP } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { type ConstantValue, elementCount, sameShape, shapeText, type TensorValue } from "../value.ts";
import { type Emit, imageEmitter } from "./row-images.ts";
import type { PlaneWindow } from "./window.ts";

/** Input 1: what the convolution multiplies by, which may be computed while the network runs. */
export function weightsOf(node: NodeContext): ConstantValue | TensorValue {
  const { kind } = node.value(1);
  return kind === "tensor" || kind === "padded" ? node.tensor(1) : node.constant(1, "weights");
}

/** Computed weights [OC,C/g,KH,KW], or [OC,C/g,K] of sequences, as one block of rows of output channels. */
export function dynamicWeights(node: NodeContext, { name, shape: [oc, ...each] }: TensorValue): string {
  const [taps, reshape] = [elementCount(each), { kind: "reshape" } as const];
  const columns = node.emitHelper("columns", reshape, [name], [1, oc, taps]);
  const transpose = { kind: "transpose", perm: [0, 2, 1] } as const;
  return node.emitHelper("weights", transpose, [columns.name], [1, taps, oc]).name;
}

export function dynamicConvolution(
  { kernel, strides, pads, dilations }: PlaneWindow & Pick<DynamicConv2d, "kernel">,
  groups: number,
  bias: boolean,
): DynamicConv2d {
  const window = { kernel, strides, pads, dilations };
  return { kind: "dynamic-conv2d", ...window, groups, bias, residual: false, clamp: NO_CLAMP };
}

/** Input 2, where it is computed while the network runs: a number for each output channel. */
export function computedBias(node: NodeContext, channels: number): TensorValue | undefined {
  const kind = node.optional(2)?.kind;
  if (kind !== "tensor" && kind !== "padded") return undefined;
  const bias = node.tensor(2);
  if (!sameShape(bias.shape, [channels])) {
    node.invalid(`bias of shape ${shapeText(bias.shape)} for ${channels} output channels`);
  }
  return bias;
}

/** Emits what computes images as the node's result (row-images.ts), and adds a bias that is computed, if there is one. */
export function biasedEmitter(node: NodeContext, given: TensorValue, bias: TensorValue | undefined): Emit {
  if (bias === undefined) return imageEmitter(node, given);
  return imageEmitter(node, given, (op, inputs, shape) => {
    const sums = node.emitHelper("sums", op, inputs, shape);
    const spread = shape.map((_, d) => (d === 1 ? bias.shape[0] : 1));
    const added = node.emitHelper("bias", { kind: "reshape" }, [bias.name], spread);
    node.emit({ kind: "elementwise", fn: "add", clamp: NO_CLAMP }, [sums.name, added.name], shape);
  });
}
