import type { OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { DATA_TYPES } from "../../compiler/frontend/onnx/schema.ts";
import { integers, type ModelText, node, weights } from "./onnx-model.ts";

/** One operator that moves or resamples elements, in one form. */
export interface MoveCase extends ModelText {
  readonly opset: number;
}

type Attributes = Parameters<typeof node>[3];

function one(
  opset: number,
  type: string,
  shape: readonly number[],
  attributes: Attributes,
  more: readonly (OnnxTensor | undefined)[] = [],
): MoveCase {
  return {
    opset,
    inputs: { x: shape },
    outputs: ["y"],
    nodes: [node(type, ["x", ...more.map((w) => w?.name ?? "")], "y", attributes)],
    weights: more.flatMap((w) => (w === undefined ? [] : [w])),
  };
}

const floats = (name: string, values: readonly number[]): OnnxTensor =>
  weights(name, [values.length], values);
const scales = (...values: readonly number[]): readonly (OnnxTensor | undefined)[] => [
  undefined,
  floats("scales", values),
];
const sizes = (...values: readonly number[]): readonly (OnnxTensor | undefined)[] => [
  undefined,
  undefined,
  integers("sizes", values),
];

const IMAGE = [2, 5, 6, 7];
const COORDINATES = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
] as const;
const FACTORS: readonly (readonly [number, number])[] = [
  [2, 2],
  [1.7, 2.3],
  [0.6, 0.5],
  [1, 3],
  [3.4, 0.4],
];

/** Those that give whole numbers of rows and columns. */
const WHOLE = FACTORS.filter(([h, w]) => Number.isInteger(6 * h) && Number.isInteger(7 * w));

/** Whether places hang on how many elements there are. */
function counted(coordinates: string): boolean {
  return coordinates === "align_corners" || coordinates === "pytorch_half_pixel";
}

function resizes(): Record<string, MoveCase> {
  const cases: Record<string, MoveCase> = {};
  for (const coordinates of COORDINATES) {
    const of = { coordinate_transformation_mode: coordinates };
    for (const [h, w] of FACTORS) {
      const by = counted(coordinates)
        ? sizes(2, 5, Math.floor(6 * h), Math.floor(7 * w))
        : scales(1, 1, h, w);
      for (const mode of ["nearest", "linear", "cubic"]) {
        cases[`Resize ${mode} ${coordinates} ${h} ${w}`] = one(19, "Resize", IMAGE, { ...of, mode }, by);
      }
    }
    cases[`Resize to sizes ${coordinates}`] = one(
      19,
      "Resize",
      IMAGE,
      { ...of, mode: "linear" },
      sizes(2, 5, 9, 1),
    );
  }
  for (const nearest_mode of ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]) {
    for (const coordinate_transformation_mode of [
      "half_pixel",
      "asymmetric",
      "align_corners",
      "tf_half_pixel_for_nn",
    ]) {
      const attributes = { nearest_mode, coordinate_transformation_mode };
      for (const [h, w] of coordinate_transformation_mode === "align_corners" ? WHOLE : FACTORS) {
        cases[`Resize ${nearest_mode} ${coordinate_transformation_mode} ${h} ${w}`] = one(
          11,
          "Resize",
          IMAGE,
          attributes,
          [floats("roi", []), floats("scales", [1, 1, h, w])],
        );
      }
    }
  }
  return cases;
}

function moreResizes(): Record<string, MoveCase> {
  const cases: Record<string, MoveCase> = {};
  for (const mode of ["linear", "cubic"]) {
    for (const [h, w] of FACTORS) {
      for (const exclude_outside of [0, 1]) {
        cases[`Resize antialiased ${mode} ${h} ${w} ${exclude_outside}`] = one(
          18,
          "Resize",
          IMAGE,
          { mode, antialias: 1, exclude_outside },
          scales(1, 1, h, w),
        );
      }
    }
  }
  for (const mode of ["nearest", "linear", "cubic"]) {
    const crop = {
      mode,
      coordinate_transformation_mode: "tf_crop_and_resize",
      extrapolation_value: { float: 7 },
    };
    const roi = (...part: readonly number[]): OnnxTensor =>
      floats("roi", [0, 0, part[0], part[1], 1, 1, part[2], part[3]]);
    const to = integers("sizes", [2, 5, 4, 5]);
    cases[`Resize crop ${mode}`] = one(13, "Resize", IMAGE, crop, [roi(0.2, 0.4, 0.7, 0.9), undefined, to]);
    cases[`Resize crop ${mode} outside`] = one(13, "Resize", IMAGE, crop, [
      roi(-0.3, 0.4, 0.7, 1.4),
      undefined,
      to,
    ]);
  }
  const policy = (keep_aspect_ratio_policy: string): MoveCase =>
    one(18, "Resize", IMAGE, { mode: "linear", axes: [2, 3], keep_aspect_ratio_policy }, sizes(9, 13));
  return {
    ...cases,
    "Resize cubic, another coefficient": one(
      13,
      "Resize",
      IMAGE,
      { mode: "cubic", cubic_coeff_a: { float: -0.5 } },
      scales(1, 1, 1.5, 0.8),
    ),
    "Resize cubic without outside": one(
      13,
      "Resize",
      IMAGE,
      { mode: "cubic", exclude_outside: 1, coordinate_transformation_mode: "half_pixel" },
      scales(1, 1, 1.5, 0.8),
    ),
    "Resize not larger": policy("not_larger"),
    "Resize not smaller": policy("not_smaller"),
    "Resize of some axes": one(18, "Resize", IMAGE, { mode: "nearest", axes: [3, 1] }, scales(2, 3)),
    "Resize of axes counted from the end": one(
      18,
      "Resize",
      IMAGE,
      { mode: "linear", axes: [-1] },
      scales(1.5),
    ),
    "Resize of N and C": one(13, "Resize", IMAGE, { mode: "nearest" }, scales(2, 1.5, 1, 2)),
    "Resize linear of 3 dimensions": one(13, "Resize", [2, 4, 9], { mode: "linear" }, scales(1, 1, 2)),
    "Resize linear of 5 dimensions": one(
      13,
      "Resize",
      [1, 3, 4, 5, 6],
      { mode: "linear" },
      scales(1, 1, 2, 1.5, 2),
    ),
    "Resize nearest of 5 dimensions": one(13, "Resize", [1, 3, 4, 5, 6], {}, scales(1, 1, 2, 1.5, 2)),
    "Resize of many channels": one(13, "Resize", [1, 24, 9, 11], { mode: "linear" }, scales(1, 1, 2, 2)),
    "Resize of one channel": one(13, "Resize", [1, 1, 9, 11], { mode: "linear" }, scales(1, 1, 4, 4)),
    "Resize nearest of one channel": one(13, "Resize", [1, 1, 9, 11], {}, scales(1, 1, 4, 4)),
    "Resize of opset 10": one(10, "Resize", IMAGE, {}, [floats("scales", [1, 1, 2.5, 0.6])]),
    "Resize linear of opset 10": one(10, "Resize", IMAGE, { mode: "linear" }, [
      floats("scales", [1, 1, 2.5, 0.6]),
    ]),
    "Upsample of opset 9": one(9, "Upsample", IMAGE, {}, [floats("scales", [1, 1, 2, 3])]),
    "Upsample linear of opset 9": one(9, "Upsample", IMAGE, { mode: "linear" }, [
      floats("scales", [1, 1, 2.5, 3]),
    ]),
  };
}

function pads(): Record<string, MoveCase> {
  const cases: Record<string, MoveCase> = {};
  const list = (...values: readonly number[]): OnnxTensor => integers("p", values);
  for (const mode of ["reflect", "edge", "wrap"]) {
    cases[`Pad ${mode}`] = one(19, "Pad", IMAGE, { mode }, [list(0, 0, 2, 1, 0, 0, 3, 4)]);
    cases[`Pad ${mode} of all axes`] = one(19, "Pad", [3, 4, 5], { mode }, [list(1, 2, 0, 2, 1, 3)]);
  }
  return {
    ...cases,
    "Pad reflect leaves away": one(13, "Pad", IMAGE, { mode: "reflect" }, [list(0, 0, -1, 2, 0, 0, -2, 1)]),
    "Pad constant": one(13, "Pad", IMAGE, {}, [list(0, 0, 2, 1, 0, 0, 3, 4), weights("v", [], [1.5])]),
    "Pad as an output": one(13, "Pad", IMAGE, {}, [list(0, 0, 2, 1, 0, 0, 3, 4)]),
    "Pad of channels": one(13, "Pad", IMAGE, {}, [list(0, 1, 0, 0, 0, 2, 0, 1), weights("v", [], [-2])]),
    "Pad leaves away": one(13, "Pad", IMAGE, {}, [list(0, -1, -2, 1, 0, 0, 3, -3)]),
    "Pad of many channels": one(13, "Pad", [1, 16, 5, 6], {}, [
      list(0, 0, 1, 0, 0, 0, 0, 2),
      weights("v", [], [3]),
    ]),
    "Pad of axes": one(18, "Pad", IMAGE, {}, [
      list(1, 2, 3, 4),
      weights("v", [], [1]),
      integers("axes", [-1, 1]),
    ]),
    "Pad of opset 2": one(7, "Pad", IMAGE, { mode: "edge", pads: [0, 0, 1, 1, 0, 0, 1, 1] }),
    "Pad of opset 2 with a value": one(7, "Pad", IMAGE, {
      value: { float: 2 },
      pads: [0, 0, 1, 1, 0, 0, 1, 1],
    }),
    "Pad then MaxPool": {
      ...one(13, "Pad", IMAGE, {}, [list(0, 0, 1, 1, 0, 0, 1, 1)]),
      nodes: [
        node("Pad", ["x", "p"], "px"),
        node("MaxPool", ["px"], "y", { kernel_shape: [3, 3], strides: [2, 2] }),
      ],
    },
    "Pad then Relu and Conv": {
      ...one(13, "Pad", IMAGE, {}, [list(0, 0, 1, 1, 0, 0, 1, 1)]),
      outputs: ["y", "z"],
      nodes: [node("Pad", ["x", "p"], "px"), node("Relu", ["px"], "y"), node("Conv", ["px", "w"], "z")],
      weights: [list(0, 0, 1, 1, 0, 0, 1, 1), weights("w", [4, 5, 3, 3])],
    },
    "Pad then AveragePool with padding of its own": {
      ...one(13, "Pad", IMAGE, {}, [list(0, 0, 1, 1, 0, 0, 1, 1)]),
      nodes: [
        node("Pad", ["x", "p"], "px"),
        node("AveragePool", ["px"], "y", { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
      ],
    },
  };
}

function moves(): Record<string, MoveCase> {
  const list = (name: string, ...values: readonly number[]): OnnxTensor => integers(name, values);
  const bools = (name: string, ...values: readonly number[]): OnnxTensor => ({
    name,
    dims: [values.length],
    dataType: DATA_TYPES.indexOf("bool"),
    rawData: Uint8Array.from(values),
  });
  const slice = (
    starts: readonly number[],
    ends: readonly number[],
    axes: readonly number[],
    steps: readonly number[],
  ) => [list("starts", ...starts), list("ends", ...ends), list("axes", ...axes), list("steps", ...steps)];
  return {
    "Slice in steps": one(13, "Slice", IMAGE, {}, slice([0, 1], [6, 7], [2, 3], [2, 3])),
    "Slice backwards": one(13, "Slice", IMAGE, {}, slice([-1, 5], [-100, 0], [1, 3], [-1, -2])),
    "Slice in steps and without": one(
      13,
      "Slice",
      IMAGE,
      {},
      slice([1, 0, 1], [4, 9, 9], [1, 2, 3], [1, 2, 1]),
    ),
    "Slice of 3 dimensions": one(13, "Slice", [4, 9, 5], {}, slice([0, 8], [4, 0], [0, 1], [3, -3])),
    "Gather of channels": one(13, "Gather", IMAGE, { axis: 1 }, [list("i", 4, 0, -2)]),
    "Gather of rows": one(13, "Gather", IMAGE, { axis: -2 }, [list("i", 5, 5, 0)]),
    "Gather of a scalar": one(13, "Gather", IMAGE, { axis: 2 }, [integers("i", [3], [])]),
    "Gather of a scalar below 0": one(13, "Gather", IMAGE, { axis: 0 }, [integers("i", [-1], [])]),
    "Gather of a matrix": one(13, "Gather", [3, 8], { axis: 1 }, [integers("i", [1, 0, 7, 7, 3, 2], [2, 3])]),
    "Gather of a run": one(13, "Gather", IMAGE, { axis: 1 }, [list("i", 1, 2, 3)]),
    "Gather of a vector": one(13, "Gather", [16], {}, [list("i", 15, 0, 3)]),
    GatherElements: one(13, "GatherElements", [3, 4], { axis: 1 }, [
      integers("i", [1, -1, 0, 2, 2, 2], [3, 2]),
    ]),
    "GatherElements along 0": one(13, "GatherElements", [3, 2, 2], {}, [
      integers("i", [1, 2, 0, -1], [1, 2, 2]),
    ]),
    GatherND: one(13, "GatherND", [3, 4, 5], {}, [integers("i", [1, 3, 0, -1], [2, 2])]),
    "GatherND of batches": one(13, "GatherND", [2, 4, 5], { batch_dims: 1 }, [integers("i", [1, 3], [2, 1])]),
    Expand: one(13, "Expand", [3, 1, 5], {}, [list("s", 2, 3, 4, 1)]),
    "Expand of pixels": one(13, "Expand", [2, 8, 1, 1], {}, [list("s", 1, 1, 3, 4)]),
    "Expand of nothing": one(13, "Expand", [2, 8], {}, [list("s", 1, 1)]),
    Tile: one(13, "Tile", IMAGE, {}, [list("r", 1, 2, 2, 3)]),
    "Tile of a vector": one(13, "Tile", [7], {}, [list("r", 3)]),
    Compress: one(11, "Compress", IMAGE, { axis: 1 }, [bools("c", 1, 0, 0, 1, 1)]),
    "Concat with a constant": {
      ...one(13, "Concat", IMAGE, {}),
      nodes: [node("Concat", ["x", "w"], "y", { axis: 1 })],
      weights: [weights("w", [2, 3, 6, 7])],
    },
    "Concat with a constant token": {
      ...one(13, "Concat", [1, 4, 8], {}),
      nodes: [node("Concat", ["w", "x"], "y", { axis: 1 })],
      weights: [weights("w", [1, 1, 8])],
    },
    "Concat with a constant beside channels": {
      ...one(13, "Concat", [1, 16, 5, 5], {}),
      nodes: [
        node("Relu", ["x"], "r"),
        node("Concat", ["w", "r"], "c", { axis: 1 }),
        node("Relu", ["c"], "y"),
      ],
      weights: [weights("w", [1, 16, 5, 5])],
    },
    "Compress of all": one(11, "Compress", [3, 4], {}, [bools("c", 0, 1, 0, 1, 1)]),
  };
}

/** As networks have them: between convolutions, beside skips, into joined channels. */
function networks(): Record<string, MoveCase> {
  const by2 = floats("s", [1, 1, 2, 2]);
  const half = (): ReturnType<typeof node>[] => [
    node("Conv", ["x", "w1"], "c", { pads: [1, 1, 1, 1] }),
    node("MaxPool", ["c"], "p", { kernel_shape: [2, 2], strides: [2, 2] }),
    node("Conv", ["p", "w2"], "d", { pads: [1, 1, 1, 1] }),
  ];
  const convs = [weights("w1", [16, 3, 3, 3]), weights("w2", [16, 16, 3, 3])];
  const of = (nodes: readonly ReturnType<typeof node>[], more: readonly OnnxTensor[]): MoveCase => ({
    opset: 13,
    inputs: { x: [1, 3, 16, 20] },
    outputs: ["y"],
    nodes,
    weights: [...convs, ...more],
  });
  const last = weights("w3", [8, 32, 3, 3]);
  const slice = (i: number): ReturnType<typeof node> =>
    node("Slice", ["c", `a${i}`, "ends", "axes", "steps"], `s${i}`);
  return {
    "a step of a U-Net": of(
      [
        ...half(),
        node("Resize", ["d", "", "s"], "u", { mode: "linear" }),
        node("Concat", ["u", "c"], "j", { axis: 1 }),
        node("Conv", ["j", "w3"], "y", { pads: [1, 1, 1, 1] }),
      ],
      [by2, last],
    ),
    "a step of a feature pyramid": of(
      [
        ...half(),
        node("Resize", ["d", "", "s"], "u", {
          nearest_mode: "floor",
          coordinate_transformation_mode: "asymmetric",
        }),
        node("Add", ["u", "c"], "j"),
        node("Conv", ["j", "w4"], "y", { pads: [2, 2, 2, 2] }),
      ],
      [by2, weights("w4", [8, 16, 5, 5])],
    ),
    "space to channels by slices": of(
      [
        node("Conv", ["x", "w1"], "c", { pads: [1, 1, 1, 1] }),
        ...[0, 1, 2, 3].map(slice),
        node("Concat", ["s0", "s1", "s2", "s3"], "j", { axis: 1 }),
        node("Conv", ["j", "w5"], "y"),
      ],
      [
        ...[0, 1, 2, 3].map((i) => integers(`a${i}`, [i % 2, i >> 1])),
        ...[integers("ends", [100, 100]), integers("axes", [2, 3]), integers("steps", [2, 2])],
        weights("w5", [8, 64, 1, 1]),
      ],
    ),
    "a mirrored border before a convolution": of(
      [
        node("Pad", ["x", "p"], "r", { mode: "reflect" }),
        node("Conv", ["r", "w1"], "c"),
        node("Pad", ["c", "p"], "e", { mode: "edge" }),
        node("Conv", ["e", "w2"], "y"),
      ],
      [integers("p", [0, 0, 1, 1, 0, 0, 1, 1])],
    ),
  };
}

/** Every form that is compared with ONNX Runtime, by name. */
export const MOVE_CASES: Readonly<Record<string, MoveCase>> = {
  ...resizes(),
  ...moreResizes(),
  ...pads(),
  ...moves(),
  ...networks(),
};
