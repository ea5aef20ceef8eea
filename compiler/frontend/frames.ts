import type { Frame, Graph, GraphNode, ResampledAxis, Tensor } from "../graph/graph.ts";
import { invariant } from "../support/assert.ts";
import { UserError } from "../support/diagnostic.ts";
import { shortJson } from "../support/text.ts";
import { type Sampling, sampled } from "./onnx/operators/resize-taps.ts";

/** Pictures as a camera gives them, in place of a network's input of images. */
export interface FrameOptions {
  /** Bytes instead of floats. */
  readonly bytes: boolean;
  readonly layout: Frame["layout"];
  /** `bgr`: the channels of frames are the model's in reverse. */
  readonly order: "rgb" | "bgr";
  /** Of each of the model's channels, or one of all: y = (x - mean) * scale. */
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** Rows and columns, where frames have others than the model. */
  readonly size: readonly [number, number] | undefined;
}

/** As the model takes them. */
export const PLAIN_FRAMES: FrameOptions = {
  bytes: false,
  layout: "nchw",
  order: "rgb",
  mean: [0],
  scale: [1],
  size: undefined,
};

/**
 * The network with frames for its input of images, which keeps its name: resized by linear
 * interpolation between the centres of pixels, without antialiasing (what cv2.resize and torchvision's interpolate do by
 * default), then each number less its channel's mean, times its scale. Throws C381 where the network has not one input of images, C382 for numbers that do not fit it.
 */
export function withFrames(graph: Graph, options: FrameOptions): Graph {
  const image = imageInput(graph);
  const { name, shape } = image;
  const [n, c, height, width] = shape;
  const [rows, columns] = options.size ?? [height, width];
  const [mean, scale] = (["mean", "scale"] as const).map((of) => channelValues(of, options[of], image));
  const tensors = new Map(graph.tensors);
  const add = (wish: string, dims: readonly number[], data?: Float32Array): string => {
    let free = wish;
    while (tensors.has(free)) free += "_";
    tensors.set(free, data === undefined ? { name: free, shape: dims } : { name: free, shape: dims, data });
    return free;
  };
  const picture = options.layout === "nhwc" ? [n, rows, columns, c] : [n, c, rows, columns];
  tensors.set(name, { name, shape: picture, ...(options.bytes && { type: "u8" }) });
  const taken = add(`${name}/frame`, shape);
  const resized = { rows: alongAxis(2, rows, height), columns: alongAxis(3, columns, width) };
  const isResized = rows !== height || columns !== width;
  const op: Frame = {
    kind: "frame",
    layout: options.layout,
    reversed: options.order === "bgr",
    ...(isResized && { resized }),
  };
  const constants = [add(`${name}/mean`, [c], mean), add(`${name}/scale`, [c], scale)];
  const frame: GraphNode = { name: taken, op, inputs: [name, ...constants], output: taken };
  const read = (input: string): string => (input === name ? taken : input);
  const behind = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(read) }));
  return { ...graph, nodes: [frame, ...behind], tensors };
}

function imageInput({ inputs, tensors, outputs }: Graph): Tensor {
  const all = inputs.flatMap((input) => tensors.get(input) ?? []);
  const images = all.filter(({ shape, type }) => shape.length === 4 && type === undefined);
  if (images.length === 1 && !outputs.includes(images[0].name)) return images[0];
  throw new UserError({
    code: "C381",
    exit: "usage",
    title: "the network has not one input of images that frames could take the place of",
    why: `its inputs: ${all.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ")}`,
    help: [
      "leave the options of frames out: --input-u8, --input-layout, --input-order, --mean, --scale, --input-size",
    ],
  });
}

/** A number for each channel. */
function channelValues(
  option: string,
  values: readonly number[],
  { name, shape: [, channels] }: Tensor,
): Float32Array {
  if (values.length !== 1 && values.length !== channels) {
    throw new UserError({
      code: "C382",
      exit: "usage",
      title: `--${option} has ${values.length} numbers, input \`${name}\` has ${channels} channels`,
      help: [`give one number for all channels, or ${channels}: ${shortJson(values)} are neither`],
    });
  }
  return Float32Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]);
}

/** Between the centres of the two pixels next to a place. */
const BILINEAR: Sampling = {
  mode: "linear",
  coordinates: "half_pixel",
  nearestMode: "simple",
  cubicA: 0,
  excludeOutside: false,
  antialias: false,
};

function alongAxis(axis: number, from: number, to: number): ResampledAxis {
  const along = sampled(BILINEAR, { axis, from, to, scale: to / from, roi: [0, 1] }, 0, to);
  invariant(along.kind === "resample", "what is linear is a sum");
  const { taps, at, weights } = along;
  return { axis, taps, at, weights };
}
