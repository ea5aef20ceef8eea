import { NO_CLAMP } from "../../../graph/graph.ts";
import { groupsDoNotDivide } from "../errors.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { sameShape, shapeText } from "../value.ts";
import { alongRows, asImages, emitImages, imageShape, onSequences, useKernels } from "./rank-three.ts";
import { paddedInput, resolveWindow, widened } from "./window.ts";

/** Conv: x [N,C,H,W], W [OC,C/group,KH,KW], optional B [OC]; or x [N,C,L], W [OC,C/group,K]. */
const conv = operator("Conv", (node, attributes) => {
  const { x, outside } = paddedInput(node);
  const w = node.constant(1, "weights");
  const sequences = onSequences(node, x, "convolutions");
  if (x.shape.length !== w.shape.length) {
    node.invalid(`weights of shape ${shapeText(w.shape)} for an input of shape ${shapeText(x.shape)}`);
  }
  const along = sequences ? alongRows(attributes) : attributes;
  const [n, c, h, wide] = imageShape(x.shape);
  const [oc, perGroup, kh, kw] = imageShape(w.shape);
  const groups = attributes.group;
  checkGroups(node, { groups, c, oc, perGroup });
  const kernel = along.kernel_shape;
  if (kernel !== undefined && !sameShape(kernel, [kh, kw])) {
    node.invalid(
      `kernel_shape ${shapeText(attributes.kernel_shape ?? [])} but weights ${shapeText(w.shape)}`,
    );
  }
  const window = resolveWindow(node, {
    input: [h, wide],
    outside,
    kernel: [kh, kw],
    strides: along.strides,
    dilations: along.dilations,
    pads: along.pads,
    autoPad: attributes.auto_pad,
    ceil: false,
  });
  const bias = node.optional(2) === undefined ? undefined : node.constant(2, "bias");
  if (bias !== undefined && !sameShape(bias.shape, [oc])) {
    node.invalid(`bias of shape ${shapeText(bias.shape)} for ${oc} output channels`);
  }
  const { strides, dilations } = window;
  const pads = widened(window.pads, outside);
  emitImages(
    node,
    sequences,
    {
      kind: "conv2d",
      strides,
      pads,
      dilations,
      groups,
      bias: bias !== undefined,
      residual: false,
      clamp: NO_CLAMP,
    },
    [asImages(node, x).name, useKernels(node, w), ...(bias === undefined ? [] : [node.use(bias)])],
    [n, oc, ...window.output],
  );
});

function checkGroups(
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

export const convolutionOperators = [conv] as const;
