import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { isKnown, shapeText, type TensorValue } from "../value.ts";
import { constantTensor } from "./constant-tensor.ts";
import { indicesInto } from "./indices.ts";

const MODES = {
  bilinear: "linear",
  linear: "linear",
  nearest: "nearest",
  bicubic: "cubic",
  cubic: "cubic",
} as const;
/** Rows, and columns, that a sampled pixel is made of. */
const TAPS = { nearest: 1, linear: 2, cubic: 4 } as const;

/** GridSample of images: pixels at coordinates that are computed, or known. */
const gridSample = operator(
  "GridSample",
  (node, { align_corners: alignCorners, mode: given, padding_mode: padding }) => {
    const x = images(node);
    const grid = floats(node, 1);
    const [n, c, h, w] = x.shape;
    const [batch, oh, ow, axes] = grid.shape;
    if (grid.shape.length !== 4 || batch !== n || axes !== 2)
      node.invalid(`a grid of shape ${shapeText(grid.shape)} for images of ${shapeText(x.shape)}`);
    const mode = MODES[given];
    const op = { kind: "grid-taps", mode, padding, alignCorners, size: [h, w] } as const;
    const taps = node.emitHelper("taps", op, [grid.name], [4, n, TAPS[mode], oh * ow]);
    node.emit({ kind: "sample", images: false }, [x.name, taps.name], [n, c, oh, ow]);
  },
);

/** RoiAlign: means of bins of regions, or the greatest part of a sample there; before operator set 16 pixels lie at the corner of their unit. */
const roiAlign = operator("RoiAlign", (node, attributes) => {
  const { output_height: oh, output_width: ow, sampling_ratio: samples, spatial_scale: scale } = attributes;
  const halfPixel =
    (attributes.coordinate_transformation_mode ?? "output_half_pixel") === "half_pixel" && node.opset >= 16;
  const x = images(node);
  const rois = floats(node, 1);
  const [i, c, h, w] = x.shape;
  const image = indicesInto(node, 2, i);
  const [regions, ends] = rois.shape;
  if (rois.shape.length !== 2 || ends !== 4 || image.shape.length !== 1 || image.shape[0] !== regions)
    node.invalid(`regions of shape ${shapeText(rois.shape)} in images of ${shapeText(image.shape)}`);
  if (oh < 1 || ow < 1) node.invalid(`its output is ${oh}x${ow}`);
  if (samples < 1)
    node.unsupported(
      "sampling_ratio=0, as many samples as a region asks for: export with a number of samples",
    );
  const greatest = attributes.mode === "max";
  const op = {
    kind: "roi-taps",
    mean: !greatest,
    samples,
    bins: [oh, ow],
    scale,
    halfPixel,
    size: [h, w],
  } as const;
  const taps = node.emitHelper("taps", op, [rois.name], [4, regions, 2 * samples, oh * ow]);
  const sample = { kind: "sample", images: true, ...(greatest && { greatest: true as const }) } as const;
  node.emit(sample, [x.name, taps.name, image.name], [regions, c, oh, ow]);
});

function images(node: NodeContext): TensorValue {
  const x = node.tensor(0);
  return x.shape.length === 4 ? x : node.unsupported(`input of shape ${shapeText(x.shape)}: only [N,C,H,W]`);
}

function floats(node: NodeContext, i: number): TensorValue {
  const value = node.value(i);
  return isKnown(value) ? constantTensor(node, i, value) : node.tensor(i);
}

export const samplingOperators = [gridSample, roiAlign] as const;
