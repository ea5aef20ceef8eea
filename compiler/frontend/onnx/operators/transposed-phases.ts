import type { Conv2d, DepthToSpace, Pads } from "../../../graph/graph.ts";
import { sourceChannel } from "../../../graph/space-depth.ts";
import type { NodeContext } from "../node-context.ts";
import type { ConstantValue, TensorValue } from "../value.ts";
import { biasAlone, convolutionOf } from "./convolution-parts.ts";
import type { Emit } from "./row-images.ts";
import {
  type PhaseWindow,
  phaseWindow,
  type SharedWindow,
  sharedWindow,
  type TransposedSide,
} from "./transposed-window.ts";

/** A transposed convolution of images. */
export interface TransposedLayer {
  readonly node: NodeContext;
  readonly x: TensorValue;
  readonly weights: ConstantValue;
  readonly bias: ConstantValue | undefined;
  readonly groups: number;
  /** Of the output. */
  readonly channels: number;
  /** Emits the last node. */
  readonly emit: Emit;
}
/** Emits the convolutions, and what puts their results side by side. */
export function emitTransposed(layer: TransposedLayer, rows: TransposedSide, columns: TransposedSide): void {
  const shared = sharedWindows(layer, rows, columns);
  if (shared === undefined) emitPhases(layer, rows, columns);
  else emitShared(layer, rows, columns, shared);
}

type Both<T> = readonly [rows: T, columns: T];

/** What a phase of its own costs beside its multiplications: it reads the input again. */
const PHASE_COST = 1.05;
/** Output channels are computed in vectors of this many, or more. */
const VECTOR = 8;

/** One convolution for all phases, where they share their windows and what is cut away costs less than several would. */
function sharedWindows(
  { groups, channels }: TransposedLayer,
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
  layer: TransposedLayer,
  rows: TransposedSide,
  columns: TransposedSide,
  [down, across]: Both<SharedWindow>,
): void {
  const { node, x, channels, emit } = layer;
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
    emit(...convolutionAs(layer, convolution, ""));
    return;
  }
  const deep = node.emitHelper("phases", ...convolutionAs(layer, convolution, "phases/"));
  const from = [down.from, across.from] as const;
  const shape = [x.shape[0], channels, rows.output, columns.output];
  emit({ kind: "depth-to-space", blocks, order, from }, [deep.name], shape);
}

/** Vectors of the result's channels are copied as they are where phases have whole ones, else channel by channel. */
function spreadOrder(channels: number, phases: number): DepthToSpace["order"] {
  return channels % VECTOR !== 0 && (2 * VECTOR) % phases === 0 ? "channels-first" : "blocks-first";
}

function emitPhases(layer: TransposedLayer, rows: TransposedSide, columns: TransposedSide): void {
  const { node, x, channels, bias, emit } = layer;
  const blocks = [rows.stride, columns.stride] as const;
  const of = (side: TransposedSide): readonly PhaseWindow[] =>
    Array.from({ length: side.stride }, (_, a) => phaseWindow(side, a));
  const [down, across] = [of(rows), of(columns)];
  const parts = down.flatMap((vertical, i) =>
    across.map((horizontal, j) => {
      if (vertical.taps.length * horizontal.taps.length === 0) {
        const shape = [x.shape[0], channels, vertical.places, horizontal.places];
        return biasAlone(node, `phase${i}_${j}`, bias, shape);
      }
      const convolution = {
        windows: [vertical, horizontal] as const,
        taps: [vertical.taps.length, horizontal.taps.length] as const,
        data: phaseWeights(layer, vertical.taps, horizontal.taps),
        bias: bias?.data,
        outputs: channels,
      };
      const part = `phase${i}_${j}`;
      return node.emitHelper(part, ...convolutionAs(layer, convolution, `${part}/`));
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
  emit(op, [joined.name], [n, channels, rows.output, columns.output]);
}

/** The kernel's taps of some rows and columns, in this order: [OC, C/group, rows, columns]. */
function phaseWeights(
  { weights, groups, channels }: TransposedLayer,
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

/** A convolution, ready to be emitted. */
type Convolution = readonly [op: Conv2d, inputs: readonly string[], shape: readonly number[]];

function convolutionAs(
  { node, x, groups }: TransposedLayer,
  { windows, taps, data, bias, outputs }: PhaseConvolution,
  part: string,
): Convolution {
  const [rows, columns] = windows;
  const top = cropped(node, x, 2, rows, taps[0]);
  const left = cropped(node, top.x, 3, columns, taps[1]);
  const pads: Pads = [top.begin, left.begin, top.end, left.end];
  const weightShape = [outputs, x.shape[1] / groups, ...taps];
  const inputs = [left.x.name, node.weight(`${part}weights`, weightShape, data)];
  if (bias !== undefined) inputs.push(node.weight(`${part}bias`, [outputs], bias));
  const dilations = [rows.dilation, columns.dilation] as const;
  const op = convolutionOf({ strides: [1, 1], pads, dilations }, groups, bias !== undefined);
  return [op, inputs, [x.shape[0], outputs, rows.places, columns.places]];
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
