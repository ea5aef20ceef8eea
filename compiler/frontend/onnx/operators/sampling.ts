import { stridesOf } from "../known/walk.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { elementCount, sameShape, shapeText, type TensorValue } from "../value.ts";
import { indicesInto } from "./indices.ts";
import { productOf } from "./product.ts";

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
    const grid = node.tensor(1);
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
  const rois = node.tensor(1);
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

/** AffineGrid: the grid of images or volumes of a size that is known, each place moved by a matrix. */
const affineGrid = operator("AffineGrid", (node, { align_corners: corners }) => {
  const theta = node.tensor(0);
  const size = node.integers(1, "size") ?? [];
  const [n, , ...extents] = size;
  const axes = extents.length;
  if ((axes !== 2 && axes !== 3) || !sameShape(theta.shape, [n, axes, axes + 1]))
    node.invalid(`matrices of shape ${shapeText(theta.shape)} for a size of ${shapeText(size)}`);
  if (corners && extents.includes(1))
    node.unsupported("corners of an axis of one element: ONNX leaves open where they lie");
  const places = elementCount(extents);
  node.reserve(places * (axes + 1));
  const strides = stridesOf(extents);
  // columns before rows, and a 1 that the last column of the matrix is taken by
  const base = Float32Array.from({ length: places * (axes + 1) }, (_, i) => {
    const axis = axes - 1 - (i % (axes + 1));
    if (axis < 0) return 1;
    const extent = extents[axis];
    const at = Math.floor(Math.floor(i / (axes + 1)) / strides[axis]) % extent;
    return corners ? (2 * at) / (extent - 1) - 1 : (2 * at + 1) / extent - 1;
  });
  const turned = { kind: "transpose", perm: [0, 2, 1] } as const;
  const columns = node.emitHelper("columns", turned, [theta.name], [n, axes + 1, axes]);
  const from = [1, places, axes + 1];
  const { op, shape } = productOf(node, from, columns.shape);
  const moved = node.emitHelper("moved", op, [node.weight("base", from, base), columns.name], shape);
  node.emit({ kind: "reshape" }, [moved.name], [n, ...extents, axes]);
});

function images(node: NodeContext): TensorValue {
  const x = node.tensor(0);
  return x.shape.length === 4 ? x : node.unsupported(`input of shape ${shapeText(x.shape)}: only [N,C,H,W]`);
}

export const samplingOperators = [gridSample, roiAlign, affineGrid] as const;
