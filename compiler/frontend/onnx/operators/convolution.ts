import { NO_CLAMP } from "../../../graph/graph.ts";
import { groupsDoNotDivide } from "../errors.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { sameShape, shapeText } from "../value.ts";
import { paddedInput, resolveWindow, widened } from "./window.ts";

/** Conv: x [N,C,H,W], W [OC,C/group,KH,KW], optional B [OC]. */
const conv = operator("Conv", (node, attributes) => {
  const { x, outside } = paddedInput(node);
  const w = node.constant(1, "weights");
  if (x.shape.length !== 4 || w.shape.length !== 4) {
    node.unsupported(`input of shape ${shapeText(x.shape)}: only 2-D convolutions are supported`);
  }
  const [n, c, h, wide] = x.shape as [number, number, number, number];
  const [oc, perGroup, kh, kw] = w.shape as [number, number, number, number];
  const groups = attributes.group;
  checkGroups(node, { groups, c, oc, perGroup });
  if (attributes.kernel_shape !== undefined && !sameShape(attributes.kernel_shape, [kh, kw])) {
    node.invalid(`kernel_shape ${shapeText(attributes.kernel_shape)} but weights ${shapeText(w.shape)}`);
  }
  const window = resolveWindow(node, {
    input: [h, wide],
    outside,
    kernel: [kh, kw],
    strides: attributes.strides,
    dilations: attributes.dilations,
    pads: attributes.pads,
    autoPad: attributes.auto_pad,
    ceil: false,
  });
  const bias = node.optional(2) === undefined ? undefined : node.constant(2, "bias");
  if (bias !== undefined && !sameShape(bias.shape, [oc])) {
    node.invalid(`bias of shape ${shapeText(bias.shape)} for ${oc} output channels`);
  }
  const { strides, dilations } = window;
  const pads = widened(window.pads, outside);
  node.emit(
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
    [x.name, node.use(w), ...(bias === undefined ? [] : [node.use(bias)])],
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
