import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { type ConstantValue, sameShape, shapeText, type TensorValue } from "../value.ts";
import { emitElementwise, madeOperand } from "./broadcast.ts";
import { biasOf, checkGroups, checkKernel, convolutionOf } from "./convolution-parts.ts";
import { type PlaneWindow, planeOf, resolveWindow } from "./window.ts";

type Plane = ReturnType<typeof planeOf>;

/** How GridSample counts without aligned corners, columns before rows, from -1 to 1: a pixel's step, and each tap's own place [KH * KW * OH * OW, 2]. */
interface Places {
  readonly step: ConstantValue;
  readonly start: ConstantValue;
}

/** What a convolution of pixels beside its window's places goes over. */
interface Deformed {
  readonly x: TensorValue;
  readonly offset: TensorValue;
  readonly mask: TensorValue | undefined;
  readonly window: Plane;
  readonly places: Places;
  /** Channels that share offsets, in so many groups. */
  readonly groups: number;
}

/**
 * DeformConv (opset 19) of images [N,C,H,W]: each tap of a window lies off its place by rows and columns that are computed, and counts
 * as much as a mask says. The pixels of all taps, sampled as GridSample does, are channels of a 1x1 convolution.
 */
const deformConv = operator("DeformConv", (node, attributes) => {
  const x = node.tensor(0);
  const w = node.constant(1, "weights");
  if (x.shape.length !== 4 || w.shape.length !== 4)
    node.unsupported(`of ${shapeText(x.shape)}: only [N,C,H,W]`);
  const [n, c, ...input] = x.shape;
  const [oc, perGroup, ...kernel] = w.shape;
  const { group, offset_group: groups } = attributes;
  checkGroups(node, { groups: group, c, oc, perGroup });
  checkKernel(node, attributes.kernel_shape, w);
  if (groups < 1 || c % groups !== 0) node.invalid(`offset_group=${groups} of ${c} channels`);
  const window = planeOf(
    resolveWindow(node, {
      ...{ input, outside: [0, 0, 0, 0], kernel, autoPad: "NOTSET", ceil: false },
      ...{ strides: attributes.strides, dilations: attributes.dilations, pads: attributes.pads },
    }),
  );
  const taps = kernel[0] * kernel[1];
  const offset = movedBy(node, 2, [n, 2 * groups * taps, ...window.output]);
  const mask =
    node.optional(4) === undefined ? undefined : movedBy(node, 4, [n, groups * taps, ...window.output]);
  const bias = biasOf(node, oc, 3);
  const deformed = { x, offset, mask, window, places: placesOf(node, input, window), groups };
  const parts = Array.from({ length: groups }, (_, g) => groupOf(node, deformed, g));
  const rows = [n, c * taps, ...window.output];
  const all =
    parts.length === 1
      ? parts[0]
      : node.emitHelper("taps", { kind: "concat", axis: 1 }, parts.map(nameOf), rows);
  const weights = node.weight("weights", [oc, perGroup * taps, 1, 1], w.data);
  const inputs = [all.name, weights, ...(bias === undefined ? [] : [node.use(bias)])];
  node.emit(convolutionOf(ONE_PIXEL, group, bias !== undefined), inputs, [n, oc, ...window.output]);
});

const ONE_PIXEL: PlaneWindow = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };

function nameOf({ name }: TensorValue): string {
  return name;
}

/** Input i of this shape. */
function movedBy(node: NodeContext, i: number, shape: readonly number[]): TensorValue {
  const found = node.tensor(i);
  if (sameShape(found.shape, shape)) return found;
  return node.invalid(`input \`${found.name}\` has shape ${shapeText(found.shape)}, not ${shapeText(shape)}`);
}

/** The taps of the channels of one group of offsets: [N, C / groups * KH * KW, OH, OW]. */
function groupOf(node: NodeContext, deformed: Deformed, g: number): TensorValue {
  const { x, offset, mask, window, groups } = deformed;
  const [n, c, h, w] = x.shape;
  const [oh, ow] = window.output;
  const taps = window.kernel[0] * window.kernel[1];
  const channels = c / groups;
  const part = (of: TensorValue, count: number, what: string): TensorValue =>
    groups === 1
      ? of
      : node.emitHelper(
          `${what}${g}`,
          { kind: "slice", axis: 1, start: g * count },
          [of.name],
          of.shape.with(1, count),
        );
  const grid = gridOf(node, part(offset, 2 * taps, "offset"), deformed);
  const size = [h, w] as const;
  const op = { kind: "grid-taps", mode: "linear", padding: "zeros", alignCorners: false, size } as const;
  const at = node.emitHelper(`places${g}`, op, [grid.name], [4, n, 2, taps * oh * ow]);
  const image = [n, channels, taps * oh, ow];
  const from = [part(x, channels, "channels").name, at.name];
  const sampled = node.emitHelper(`sampled${g}`, { kind: "sample", images: false }, from, image);
  const counted =
    mask === undefined ? sampled : masked(node, sampled, part(mask, taps, "mask"), `masked${g}`);
  const columns = [n, channels * taps, oh, ow];
  return node.emitHelper(`columns${g}`, { kind: "reshape" }, [counted.name], columns);
}

function masked(node: NodeContext, x: TensorValue, mask: TensorValue, part: string): TensorValue {
  const [n, , rows, columns] = x.shape;
  const spread = node.emitHelper(`${part}/by`, { kind: "reshape" }, [mask.name], [n, 1, rows, columns]);
  return emitElementwise(node, "mul", [x, spread], part);
}

function placesOf(
  node: NodeContext,
  [h, w]: readonly number[],
  { kernel: [kh, kw], strides, pads, dilations, output: [oh, ow] }: Plane,
): Places {
  const count = kh * kw * oh * ow;
  node.reserve(2 * count);
  const start = new Float32Array(2 * count);
  for (let at = 0; at < count; at++) {
    const [tap, pixel] = [Math.floor(at / (oh * ow)), at % (oh * ow)];
    const row = Math.floor(pixel / ow) * strides[0] - pads[0] + Math.floor(tap / kw) * dilations[0];
    const column = (pixel % ow) * strides[1] - pads[1] + (tap % kw) * dilations[1];
    start[2 * at] = (2 * column + 1) / w - 1;
    start[2 * at + 1] = (2 * row + 1) / h - 1;
  }
  return {
    step: madeOperand(node, "scale", [2], Float32Array.of(2 / w, 2 / h)),
    start: madeOperand(node, "base", [count, 2], start),
  };
}

/** Where the pixels of a group of offsets lie. */
function gridOf(
  node: NodeContext,
  offset: TensorValue,
  { places: { step, start }, window: { kernel, output } }: Deformed,
): TensorValue {
  const [n] = offset.shape;
  const [oh, ow] = output;
  const taps = kernel[0] * kernel[1];
  const pairs = node.emitHelper("pairs", { kind: "reshape" }, [offset.name], [n, taps, 2, oh * ow]);
  const [rows, columns] = [0, 1].map((from) =>
    node.emitHelper("along", { kind: "slice", axis: 2, start: from }, [pairs.name], [n, taps, 1, oh * ow]),
  );
  const both = [columns.name, rows.name];
  const turned = node.emitHelper("turned", { kind: "concat", axis: 2 }, both, pairs.shape);
  const last = { kind: "transpose", perm: [0, 1, 3, 2] } as const;
  const by = node.emitHelper("by", last, [turned.name], [n, taps, oh * ow, 2]);
  const flat = node.emitHelper("flat", { kind: "reshape" }, [by.name], [n, taps * oh * ow, 2]);
  const scaled = emitElementwise(node, "mul", [flat, step], "scaled");
  const grid = emitElementwise(node, "add", [scaled, start], "grid");
  return node.emitHelper("images", { kind: "reshape" }, [grid.name], [n, taps * oh, ow, 2]);
}

export const deformOperators = [deformConv] as const;
