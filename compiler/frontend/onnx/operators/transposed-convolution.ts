import { type DepthToSpace, NO_CLAMP, type Pads } from "../../../graph/graph.ts";
import { sourceChannel } from "../../../graph/space-depth.ts";
import { groupsDoNotDivide } from "../errors.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { type ConstantValue, sameShape, shapeText, type TensorValue } from "../value.ts";
import { alongRows, asImages, emitImages, imageShape, onSequences, pair } from "./rank-three.ts";
import {
  type PhaseWindow,
  phaseWindow,
  type SharedWindow,
  sharedWindow,
  type TransposedAttributes,
  type TransposedSide,
  transposedSides,
} from "./transposed-window.ts";

/**
 * ConvTranspose: x [N,C,H,W], W [C,OC/group,KH,KW], optional B [OC], or x [N,C,L], W [C,OC/group,K]. Becomes ordinary convolutions, as many multiplications as
 * it has: outputs that lie a stride apart are computed alike, and put side by side by a depth-to-space.
 */
const convTranspose = operator("ConvTranspose", (node, attributes) => {
  const given = node.tensor(0);
  const taps = node.constant(1, "weights");
  const bias = node.optional(2) === undefined ? undefined : node.constant(2, "bias");
  const sequences = onSequences(node, given, "convolutions");
  if (given.shape.length !== taps.shape.length) {
    node.invalid(`weights of shape ${shapeText(taps.shape)} for an input of shape ${shapeText(given.shape)}`);
  }
  const along = sequences ? alongSequence(attributes) : attributes;
  const weights = { ...taps, shape: imageShape(taps.shape) };
  const groups = attributes.group;
  const [, c, h, w] = imageShape(given.shape);
  const [wc, perGroup, kh, kw] = weights.shape;
  const channels = perGroup * groups;
  if (groups < 1 || c % groups !== 0) {
    throw groupsDoNotDivide(node.where, `group=${groups}, ${c} input and ${channels} output channels`);
  }
  if (wc !== c) node.invalid(`its weights take ${wc} channels, its input has ${c}`);
  const kernel = along.kernel_shape;
  if (kernel !== undefined && !sameShape(kernel, [kh, kw])) {
    node.invalid(`kernel_shape ${shapeText(kernel)} but weights ${shapeText(weights.shape)}`);
  }
  if (bias !== undefined && !sameShape(bias.shape, [channels])) {
    node.invalid(`bias of shape ${shapeText(bias.shape)} for ${channels} output channels`);
  }
  const [rows, columns] = transposedSides(node, [h, w], [kh, kw], along);
  const layer = { node, x: asImages(node, given), sequences, weights, bias, groups, channels };
  const shared = sharedWindows(layer, rows, columns);
  if (shared === undefined) emitPhases(layer, rows, columns);
  else emitShared(layer, rows, columns, shared);
});

/** The attributes as those of an image of one row. */
function alongSequence(
  attributes: TransposedAttributes & { readonly kernel_shape: readonly number[] | undefined },
): typeof attributes {
  return {
    ...alongRows(attributes),
    auto_pad: attributes.auto_pad,
    output_padding: pair(attributes.output_padding, 0),
    output_shape: pair(attributes.output_shape, 1),
  };
}

interface Layer {
  readonly node: NodeContext;
  readonly x: TensorValue;
  readonly sequences: boolean;
  /** [C, OC/group, KH, KW]. */
  readonly weights: ConstantValue;
  readonly bias: ConstantValue | undefined;
  readonly groups: number;
  /** Of the output. */
  readonly channels: number;
}
type Both<T> = readonly [rows: T, columns: T];

/** What a phase of its own costs beside its multiplications: it reads the input again. */
const PHASE_COST = 1.05;
/** Output channels are computed in vectors of this many, or more. */
const VECTOR = 8;

/** One convolution for all phases, where they share their windows and what is cut away costs less than several would. */
function sharedWindows(
  { groups, channels }: Layer,
  rows: TransposedSide,
  columns: TransposedSide,
): Both<SharedWindow> | undefined {
  const [down, across] = [sharedWindow(rows), sharedWindow(columns)];
  if (down === undefined || across === undefined) return undefined;
  const phases = rows.stride * columns.stride;
  if (phases === 1) return [down, across];
  const vectors = (count: number): number => Math.ceil(count / VECTOR);
  const together = down.window.places * across.window.places * vectors(phases * channels);
  const places = Math.ceil(rows.output / rows.stride) * Math.ceil(columns.output / columns.stride);
  const apart = phases * places * vectors(channels) * PHASE_COST;
  return groups === 1 && together <= apart ? [down, across] : undefined;
}

function emitShared(
  layer: Layer,
  rows: TransposedSide,
  columns: TransposedSide,
  [down, across]: Both<SharedWindow>,
): void {
  const { node, x, channels } = layer;
  const blocks = [rows.stride, columns.stride] as const;
  const phases = blocks[0] * blocks[1];
  const order = spreadOrder(channels, phases);
  const perChannel = layer.weights.data.length / (channels * phases);
  const data = new Float32Array(layer.weights.data.length);
  const bias = layer.bias && new Float32Array(phases * channels);
  down.taps.forEach((vertical, i) => {
    across.taps.forEach((horizontal, j) => {
      const phase = phaseWeights(layer, vertical, horizontal);
      for (let c = 0; c < channels; c++) {
        const to = sourceChannel({ blocks, order }, channels, c, i, j);
        data.set(phase.subarray(c * perChannel, (c + 1) * perChannel), to * perChannel);
        if (bias !== undefined) bias[to] = layer.bias?.data[c] ?? 0;
      }
    });
  });
  const windows = [down.window, across.window] as const;
  const taps = [down.taps[0].length, across.taps[0].length] as const;
  const convolution = { windows, taps, data, bias, outputs: phases * channels };
  if (phases === 1) {
    emitConvolution(layer, convolution);
    return;
  }
  const deep = emitConvolution(layer, convolution, "phases");
  const from = [down.from, across.from] as const;
  const shape = [x.shape[0], channels, rows.output, columns.output];
  emitImages(node, layer.sequences, { kind: "depth-to-space", blocks, order, from }, [deep.name], shape);
}

/** Vectors of the result's channels are copied as they are where phases have whole ones, else channel by channel. */
function spreadOrder(channels: number, phases: number): DepthToSpace["order"] {
  return channels % VECTOR !== 0 && (2 * VECTOR) % phases === 0 ? "channels-first" : "blocks-first";
}

function emitPhases(layer: Layer, rows: TransposedSide, columns: TransposedSide): void {
  const { node, x, channels, bias } = layer;
  const blocks = [rows.stride, columns.stride] as const;
  const of = (side: TransposedSide): readonly PhaseWindow[] =>
    Array.from({ length: side.stride }, (_, a) => phaseWindow(side, a));
  const [down, across] = [of(rows), of(columns)];
  if ([...down, ...across].some(({ taps }) => taps.length === 0)) {
    node.unsupported("elements of its output that no tap reaches, as the stride or the dilation skips them");
  }
  const parts = down.flatMap((vertical, i) =>
    across.map((horizontal, j) => {
      const convolution = {
        windows: [vertical, horizontal] as const,
        taps: [vertical.taps.length, horizontal.taps.length] as const,
        data: phaseWeights(layer, vertical.taps, horizontal.taps),
        bias: bias?.data,
        outputs: channels,
      };
      return emitConvolution(layer, convolution, `phase${i}_${j}`);
    }),
  );
  const [n] = x.shape;
  const joined = node.emitHelper(
    "phases",
    { kind: "concat", axis: 1 },
    parts.map(({ name }) => name),
    [n, parts.length * channels, down[0].places, across[0].places],
  );
  const op = { kind: "depth-to-space", blocks, order: "blocks-first", from: [0, 0] } as const;
  emitImages(node, layer.sequences, op, [joined.name], [n, channels, rows.output, columns.output]);
}

/** The kernel's taps of some rows and columns, in this order: [OC, C/group, rows, columns]. */
function phaseWeights(
  { weights, groups, channels }: Layer,
  rows: readonly number[],
  columns: readonly number[],
): Float32Array {
  const [c, perGroup, kh, kw] = weights.shape;
  const inputs = c / groups;
  const out = new Float32Array(channels * inputs * rows.length * columns.length);
  let at = 0;
  for (let o = 0; o < channels; o++) {
    const group = Math.floor(o / perGroup);
    for (let i = group * inputs; i < (group + 1) * inputs; i++) {
      const plane = (i * perGroup + (o % perGroup)) * kh;
      for (const row of rows)
        for (const column of columns) out[at++] = weights.data[(plane + row) * kw + column];
    }
  }
  return out;
}

interface PhaseConvolution {
  readonly windows: Both<Omit<PhaseWindow, "taps">>;
  readonly taps: Both<number>;
  readonly data: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly outputs: number;
}

/** The convolution as the node's result, or as a helper's. */
function emitConvolution(
  { node, x, sequences, groups }: Layer,
  { windows, taps, data, bias, outputs }: PhaseConvolution,
  part = "",
): TensorValue {
  const [rows, columns] = windows;
  const top = cropped(node, x, 2, rows, taps[0]);
  const left = cropped(node, top.x, 3, columns, taps[1]);
  const pads: Pads = [top.begin, left.begin, top.end, left.end];
  const named = (name: string): string => (part === "" ? name : `${part}/${name}`);
  const weightShape = [outputs, x.shape[1] / groups, ...taps];
  const inputs = [left.x.name, node.weight(named("weights"), weightShape, data)];
  if (bias !== undefined) inputs.push(node.weight(named("bias"), [outputs], bias));
  const op = {
    kind: "conv2d",
    strides: [1, 1],
    pads,
    dilations: [rows.dilation, columns.dilation],
    groups,
    bias: bias !== undefined,
    residual: false,
    clamp: NO_CLAMP,
  } as const;
  const shape = [x.shape[0], outputs, rows.places, columns.places];
  if (part !== "") return node.emitHelper(part, op, inputs, shape);
  emitImages(node, sequences, op, inputs, shape);
  return { kind: "tensor", name: node.outputName, shape };
}

/** The input without the rows or columns that no window touches at the ends, and the padding that windows need. */
function cropped(
  node: NodeContext,
  x: TensorValue,
  axis: 2 | 3,
  { first, places, dilation }: Omit<PhaseWindow, "taps">,
  taps: number,
): { readonly x: TensorValue; readonly begin: number; readonly end: number } {
  const size = x.shape[axis];
  const last = first + places - 1 + (taps - 1) * dilation;
  const start = Math.max(0, first);
  const stop = Math.min(size, last + 1);
  const pads = { begin: Math.max(0, -first), end: Math.max(0, last + 1 - size) };
  if (start === 0 && stop === size) return { x, ...pads };
  if (start >= stop) node.unsupported("its pads leave nothing but what lies beyond its input");
  const op = { kind: "slice", axis, start } as const;
  return { x: node.emitHelper("cut", op, [x.name], x.shape.with(axis, stop - start)), ...pads };
}

export const transposedConvolutionOperators = [convTranspose] as const;
