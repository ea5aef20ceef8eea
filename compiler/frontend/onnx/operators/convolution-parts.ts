import { type Conv2d, NO_CLAMP } from "../../../graph/graph.ts";
import { groupsDoNotDivide } from "../errors.ts";
import type { NodeContext } from "../node-context.ts";
import { type ConstantValue, elementCount, sameShape, shapeText, type TensorValue } from "../value.ts";
import type { PlaneWindow } from "./window.ts";

/** A convolution that nothing follows yet. */
export function convolutionOf(
  { strides, pads, dilations }: PlaneWindow,
  groups: number,
  bias: boolean,
): Conv2d {
  return { kind: "conv2d", strides, pads, dilations, groups, bias, residual: false, clamp: NO_CLAMP };
}

/** Tensors and weights of one, two or three spatial dimensions, as many each. */
export function checkRank(node: NodeContext, x: TensorValue, weights: Pick<ConstantValue, "shape">): void {
  const rank = x.shape.length;
  if (rank < 3 || rank > 5 || weights.shape.length !== rank) {
    node.unsupported(
      `input of shape ${shapeText(x.shape)}: only 1-D, 2-D and 3-D convolutions are supported`,
    );
  }
}

/** What the attribute says, if anything, is what weights [_,_,...] have. */
export function checkKernel(
  node: NodeContext,
  given: readonly number[] | undefined,
  { shape }: Pick<ConstantValue, "shape">,
): void {
  if (given !== undefined && !sameShape(given, shape.slice(2))) {
    node.invalid(`kernel_shape ${shapeText(given)} but weights ${shapeText(shape)}`);
  }
}

/** Groups share out all channels. */
export function checkGroups(
  node: NodeContext,
  { groups, c, oc, perGroup }: { groups: number; c: number; oc: number; perGroup: number },
): void {
  if (groups < 1 || c % groups !== 0 || oc % groups !== 0) {
    throw groupsDoNotDivide(node.where, `group=${groups}, ${c} input and ${oc} output channels`);
  }
  if (perGroup * groups !== c) {
    const why = `its weights take ${perGroup} channels per group, its input has ${c} in ${groups} groups`;
    node.invalid(why);
  }
}

/** Input `at`, where there is one: a number for each output channel. */
export function biasOf(node: NodeContext, channels: number, at = 2): ConstantValue | undefined {
  const bias = node.optional(at) === undefined ? undefined : node.constant(at, "bias");
  if (bias !== undefined && !sameShape(bias.shape, [channels])) {
    node.invalid(`bias of shape ${shapeText(bias.shape)} for ${channels} output channels`);
  }
  return bias;
}

/** Images [N,OC,H,W] that no tap reaches. */
export function biasAlone(
  node: NodeContext,
  part: string,
  bias: ConstantValue | undefined,
  shape: readonly number[],
): TensorValue {
  const [, channels, h, w] = shape;
  node.reserve(elementCount(shape));
  const data = Float32Array.from(
    { length: elementCount(shape) },
    (_, i) => bias?.data[Math.floor(i / (h * w)) % channels] ?? 0,
  );
  return node.emitHelper(part, { kind: "constant" }, [node.weight(`${part}/bias`, shape, data)], shape);
}
