import { flag, float, int, optionalInt, optionalInts, requiredFloats, word } from "../attributes.ts";
import { input, made, optional, read, readWithin, type Signature } from "../signature.ts";

const RESIZE_MODES = ["nearest", "linear", "cubic"] as const;

/** How an update is joined with what was there. */
const joining = [
  read(word("none", ["none", "add", "mul"]), { since: 16, until: 17 }),
  read(word("none", ["none", "add", "mul", "max", "min"]), { since: 18 }),
] as const;

/** Operators that place elements by numbers. */
export const moveSignatures = {
  AffineGrid: {
    since: 20,
    inputs: [input("theta"), input("size")],
    outputs: [made("grid")],
    attributes: { align_corners: read(flag(false)) },
  },
  Compress: {
    since: 9,
    inputs: [input("input"), input("condition")],
    outputs: [made("output")],
    attributes: { axis: read(optionalInt()) },
  },
  Expand: { since: 8, inputs: [input("input"), input("shape")], outputs: [made("output")], attributes: {} },
  GatherElements: {
    since: 11,
    inputs: [input("data"), input("indices")],
    outputs: [made("output")],
    attributes: { axis: read(int(0)) },
  },
  GatherND: {
    since: 11,
    inputs: [input("data"), input("indices")],
    outputs: [made("output")],
    attributes: { batch_dims: read(int(0), { since: 12 }) },
  },
  GridSample: {
    since: 16,
    inputs: [input("X"), input("grid")],
    outputs: [made("Y")],
    attributes: {
      align_corners: read(flag(false)),
      mode: [
        read(word("bilinear", ["bilinear", "nearest", "bicubic"]), { until: 19 }),
        read(word("linear", ["linear", "nearest", "cubic"]), { since: 20 }),
      ],
      padding_mode: read(word("zeros", ["zeros", "border", "reflection"])),
    },
  },
  NonMaxSuppression: {
    since: 10,
    inputs: [
      ...[input("boxes"), input("scores")],
      ...[optional("max_output_boxes_per_class"), optional("iou_threshold"), optional("score_threshold")],
    ],
    outputs: [made("selected_indices")],
    attributes: { center_point_box: read(flag(false)) },
  },
  RoiAlign: {
    since: 10,
    inputs: [input("X"), input("rois"), input("batch_indices")],
    outputs: [made("Y")],
    attributes: {
      coordinate_transformation_mode: readWithin(
        { since: 16 },
        word("half_pixel", ["half_pixel", "output_half_pixel"]),
      ),
      mode: read(word("avg", ["avg", "max"])),
      output_height: read(int(1)),
      output_width: read(int(1)),
      sampling_ratio: read(int(0)),
      spatial_scale: read(float(1)),
    },
  },
  Resize: {
    since: 10,
    inputs: [
      input("X"),
      input("roi", { since: 11, optionalSince: 13 }),
      input("scales", { optionalSince: 13 }),
      optional("sizes", { since: 11 }),
    ],
    outputs: [made("Y")],
    attributes: {
      antialias: read(flag(false), { since: 18 }),
      axes: read(optionalInts(), { since: 18 }),
      coordinate_transformation_mode: read(
        word("half_pixel", [
          ...["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel"],
          ...["align_corners", "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"],
        ] as const),
        { since: 11 },
      ),
      cubic_coeff_a: read(float(-0.75), { since: 11 }),
      exclude_outside: read(flag(false), { since: 11 }),
      extrapolation_value: read(float(0), { since: 11 }),
      keep_aspect_ratio_policy: read(word("stretch", ["stretch", "not_larger", "not_smaller"]), {
        since: 18,
      }),
      mode: read(word("nearest", RESIZE_MODES)),
      nearest_mode: read(
        word("round_prefer_floor", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]),
        { since: 11 },
      ),
    },
  },
  Scatter: {
    ...{ since: 9, until: 10 },
    inputs: [input("data"), input("indices"), input("updates")],
    outputs: [made("output")],
    attributes: { axis: read(int(0)) },
  },
  ScatterElements: {
    since: 11,
    inputs: [input("data"), input("indices"), input("updates")],
    outputs: [made("output")],
    attributes: { axis: read(int(0)), reduction: joining },
  },
  ScatterND: {
    since: 11,
    inputs: [input("data"), input("indices"), input("updates")],
    outputs: [made("output")],
    attributes: { reduction: joining },
  },
  Tile: {
    since: 6,
    inputs: [input("input"), input("repeats")],
    outputs: [made("output")],
    attributes: {},
  },
  Upsample: {
    ...{ since: 7, until: 9 },
    inputs: [input("X"), input("scales", { since: 9 })],
    outputs: [made("Y")],
    attributes: {
      mode: read(word("nearest", ["nearest", "linear"])),
      scales: readWithin({ until: 8 }, requiredFloats()),
    },
  },
} as const satisfies Readonly<Record<string, Signature>>;
