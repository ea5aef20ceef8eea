import { describe } from "vitest";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { FLOAT32, INT64 } from "../../compiler/frontend/onnx/schema.ts";
import { integers, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Shape = readonly number[];
type Named = readonly (readonly [string, OperatorModel])[];
const cast = (x: string, to: number, output: string): OnnxNode => node("Cast", [x], output, { to });
const net = (
  inputs: Readonly<Record<string, Shape>>,
  nodes: readonly OnnxNode[],
  more: Partial<OperatorModel> = {},
): OperatorModel => ({ opset: 18, inputs, outputs: ["y"], nodes, ...more });

/** Axes of tensors in whose memory few or many elements lie behind them. */
const AXES: readonly (readonly [Shape, number])[] = [
  [[2, 6, 5, 7], 1],
  [[2, 6, 5, 7], 3],
  [[3, 9, 16], 1],
  [[4, 11], -1],
  [[5], 0],
];

/** Values of which some are equal. */
const steps = node("Round", ["x"], "r");

const places: Named = AXES.flatMap(([x, axis]) => [
  ...["ArgMax", "ArgMin"].flatMap((type) =>
    [0, 1].map(
      (last) =>
        [
          `${type} ${x} along ${axis}, last ${last}`,
          net({ x }, [
            ...[steps, node(type, ["r"], "p", { axis, keepdims: last, select_last_index: last })],
            cast("p", FLOAT32, "y"),
          ]),
        ] as const,
    ),
  ),
  ...[0, 1].flatMap((exclusive) =>
    [0, 1].map(
      (reverse) =>
        [
          `CumSum ${x} along ${axis}, ${exclusive} ${reverse}`,
          net({ x }, [node("CumSum", ["x", "axis"], "y", { exclusive, reverse })], {
            weights: [integers("axis", [axis])],
          }),
        ] as const,
    ),
  ),
  ...[0, 1].map(
    (largest) =>
      [
        `TopK ${x} along ${axis}, largest ${largest}`,
        net(
          { x },
          [
            ...[steps, node("TopK", ["r", "k"], "v", { axis, largest }, ["i"]), cast("i", FLOAT32, "f")],
            node("Concat", ["v", "f"], "y", { axis }),
          ],
          { weights: [integers("k", [3])] },
        ),
      ] as const,
  ),
]);

/** Indices of 5 elements, from either end, by the sizes of floats. */
const index = (x: string, output: string): readonly OnnxNode[] => [
  ...[
    node("Mul", [x, "three"], `${output}_s`),
    node("Clip", [`${output}_s`, "least", "most"], `${output}_c`),
  ],
  cast(`${output}_c`, INT64, output),
];
const BOUNDS = [weights("three", [], [3]), weights("least", [], [-5]), weights("most", [], [4])];

const gathers: Named = [
  ...(
    [
      [[5], 0, [4]],
      [[5, 16], 0, [2, 3]],
      [[2, 5, 3], 1, [4]],
      [[3, 5], -1, []],
    ] as const
  ).map(([x, axis, at]): readonly [string, OperatorModel] => [
    `Gather ${x} along ${axis} by ${at}`,
    net({ x, at }, [...index("at", "i"), node("Gather", ["x", "i"], "y", { axis })], { weights: BOUNDS }),
  ]),
  [
    "Gather of a known table",
    net({ at: [3, 2] }, [...index("at", "i"), node("Gather", ["table", "i"], "y")], {
      weights: [...BOUNDS, weights("table", [5, 16])],
    }),
  ],
  ...(
    [
      [[5, 4], 0, [3, 4]],
      [[2, 5, 7], 1, [2, 3, 4]],
      [[6, 5], -1, [6, 5]],
    ] as const
  ).map(([x, axis, at]): readonly [string, OperatorModel] => [
    `GatherElements ${x} along ${axis} by ${at}`,
    net({ x, at }, [...index("at", "i"), node("GatherElements", ["x", "i"], "y", { axis })], {
      weights: BOUNDS,
    }),
  ]),
  ...(
    [
      [[5, 5, 3], [4, 2], 0],
      [[5, 5], [3, 2, 2], 0],
      [[2, 5, 6], [2, 3, 1], 1],
      [[5, 4], [4, 1], 0],
    ] as const
  ).map(([x, at, batch]): readonly [string, OperatorModel] => [
    `GatherND ${x} by ${at}, ${batch}`,
    net({ x, at }, [...index("at", "i"), node("GatherND", ["x", "i"], "y", { batch_dims: batch })], {
      weights: BOUNDS,
    }),
  ]),
];

const REDUCTIONS = ["none", "add", "mul", "max", "min"];
/** Without a reduction two updates of one element leave either: the indices are known then, all different. */
const scatters: Named = REDUCTIONS.flatMap((reduction) => {
  const distinct = reduction === "none";
  const at = (shape: Shape): Readonly<Record<string, Shape>> => (distinct ? {} : { at: shape });
  const indices = distinct ? [] : index("at", "i");
  const known = (values: readonly number[], shape: Shape) =>
    distinct ? [integers("i", values, shape)] : BOUNDS;
  return [
    [
      `ScatterElements along 1, ${reduction}`,
      net(
        { x: [2, 5, 7], u: [2, 3, 7], ...at([2, 3, 7]) },
        [...[...indices, node("ScatterElements", ["x", "i", "u"], "y", { axis: 1, reduction })]],
        {
          weights: known(
            Array.from({ length: 42 }, (_, i) => (Math.floor(i / 7) % 3 === 2 ? -1 : Math.floor(i / 7) % 3)),
            [2, 3, 7],
          ),
        },
      ),
    ],
    [
      `ScatterElements of a part, ${reduction}`,
      net(
        { x: [5, 6], u: [2, 4], ...at([2, 4]) },
        [...[...indices, node("ScatterElements", ["x", "i", "u"], "y", { axis: 0, reduction })]],
        { weights: known([0, 1, 2, 3, 4, 3, -5, 1], [2, 4]) },
      ),
    ],
    [
      `ScatterND of rows, ${reduction}`,
      net(
        { x: [5, 4, 3], u: [3, 4, 3], ...at([3, 1]) },
        [...[...indices, node("ScatterND", ["x", "i", "u"], "y", { reduction })]],
        { weights: known([4, 0, -3], [3, 1]) },
      ),
    ],
    [
      `ScatterND of elements, ${reduction}`,
      net(
        { x: [5, 5], u: [2, 2], ...at([2, 2, 2]) },
        [...[...indices, node("ScatterND", ["x", "i", "u"], "y", { reduction })]],
        { weights: known([4, 0, -3, 1, 2, 2, 0, 0], [2, 2, 2]) },
      ),
    ],
  ] as const;
});

const others: Named = [
  ...[-1, 1].map(
    (axis) =>
      [
        `OneHot along ${axis}`,
        net({ at: [3, 4] }, [...index("at", "i"), node("OneHot", ["i", "depth", "values"], "y", { axis })], {
          weights: [...BOUNDS, integers("depth", [4], []), weights("values", [2], [0.5, 2])],
        }),
      ] as const,
  ),
  ...[0, 1].flatMap((upper) =>
    [-2, 0, 1].map(
      (k) =>
        [
          `Trilu ${upper} of ${k}`,
          net({ x: [2, 5, 4] }, [node("Trilu", ["x", "k"], "y", { upper })], {
            weights: [integers("k", [k], [])],
          }),
        ] as const,
    ),
  ),
  [
    "Trilu of whole numbers",
    net({ x: [4, 4] }, [...index("x", "i"), node("Trilu", ["i"], "t"), cast("t", FLOAT32, "y")], {
      weights: BOUNDS,
    }),
  ],
  [
    "CumSum of whole numbers",
    net(
      { x: [4, 9] },
      [
        ...[...index("x", "i"), node("CumSum", ["j", "axis"], "t"), cast("t", FLOAT32, "y")],
        node("Cast", ["i"], "j", { to: 6 }),
      ],
      { weights: [...BOUNDS, integers("axis", [1], [])] },
    ),
  ],
];

/** Values and Indices of a pool, the latter as floats. */
const poolPlaces = (x: Shape, attributes: Parameters<typeof node>[3]): OperatorModel =>
  net({ x }, [
    ...[
      node("MaxPool", ["x"], "v", attributes, ["i"]),
      cast("i", FLOAT32, "f"),
      node("Concat", ["v", "f"], "y", { axis: 0 }),
    ],
  ]);
const pools: Named = [
  ["MaxPool 2-D", poolPlaces([2, 3, 7, 8], { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] })],
  ["MaxPool 2-D dilated", poolPlaces([1, 2, 9, 8], { kernel_shape: [2, 2], dilations: [2, 3] })],
  ["MaxPool 1-D", poolPlaces([2, 5, 9], { kernel_shape: [3], strides: [2], ceil_mode: 1 })],
  ["MaxPool 3-D", poolPlaces([1, 2, 4, 5, 4], { kernel_shape: [2, 2, 2], pads: [1, 0, 0, 0, 1, 1] })],
  [
    "MaxPool by columns",
    poolPlaces([2, 3, 6, 4], { kernel_shape: [2, 2], strides: [2, 2], storage_order: 1 }),
  ],
];

const GRID_MODES = ["bilinear", "nearest", "bicubic"];
const PADDINGS = ["zeros", "border", "reflection"];
const samples: Named = [
  ...GRID_MODES.flatMap((mode) =>
    PADDINGS.flatMap((padding) =>
      [0, 1].map(
        (align) =>
          [
            `GridSample ${mode} ${padding} ${align}`,
            net({ x: [2, 6, 5, 7], grid: [2, 3, 4, 2] }, [
              node("GridSample", ["x", "grid"], "y", { mode, padding_mode: padding, align_corners: align }),
            ]),
          ] as const,
      ),
    ),
  ),
  ...["half_pixel", "output_half_pixel"].map(
    (mode) =>
      [
        `RoiAlign ${mode}`,
        net(
          { x: [5, 6, 9, 8], corners: [4, 2], sizes: [4, 2], at: [4] },
          [
            ...[
              node("Abs", ["sizes"], "s"),
              node("Mul", ["s", "three"], "size"),
              node("Add", ["corners", "three"], "c"),
            ],
            ...[
              node("Add", ["c", "size"], "end"),
              node("Concat", ["c", "end"], "rois", { axis: 1 }),
              ...index("at", "j"),
            ],
            ...[node("Abs", ["j"], "k"), node("Min", ["k", "four"], "i")],
            node("RoiAlign", ["x", "rois", "i"], "y", {
              ...{ output_height: 3, output_width: 2, sampling_ratio: 2, spatial_scale: { float: 0.75 } },
              coordinate_transformation_mode: mode,
            }),
          ],
          { weights: [...BOUNDS, integers("four", [4])] },
        ),
      ] as const,
  ),
];

const DEFORMED = ["x", "w", "offset"];
const deformed: Named = [
  [
    "DeformConv",
    net(
      { x: [2, 4, 6, 7], offset: [2, 18, 6, 7] },
      [node("DeformConv", DEFORMED, "y", { pads: [1, 1, 1, 1] })],
      { opset: 19, weights: [weights("w", [5, 4, 3, 3])] },
    ),
  ],
  [
    "DeformConv in groups, with a mask and a bias",
    net(
      { x: [1, 8, 9, 8], offset: [1, 24, 5, 2], mask: [1, 12, 5, 2] },
      [
        node("DeformConv", [...DEFORMED, "b", "mask"], "y", {
          ...{ group: 4, offset_group: 2, strides: [2, 3], dilations: [1, 2], pads: [0, 1, 1, 1] },
          kernel_shape: [2, 3],
        }),
      ],
      { opset: 19, weights: [weights("w", [8, 2, 2, 3]), weights("b", [8])] },
    ),
  ],
  [
    "DeformConv of one row",
    net({ x: [1, 3, 1, 9], offset: [1, 4, 1, 8] }, [node("DeformConv", DEFORMED, "y")], {
      opset: 19,
      weights: [weights("w", [2, 3, 1, 2])],
    }),
  ],
  ...[0, 1].flatMap(
    (align_corners): Named => [
      [
        `AffineGrid ${align_corners}`,
        net({ t: [2, 2, 3] }, [node("AffineGrid", ["t", "size"], "y", { align_corners })], {
          opset: 20,
          weights: [integers("size", [2, 3, 5, 4])],
        }),
      ],
      [
        `AffineGrid of volumes ${align_corners}`,
        net({ t: [2, 3, 4] }, [node("AffineGrid", ["t", "size"], "y", { align_corners })], {
          opset: 20,
          weights: [integers("size", [2, 1, 3, 2, 4])],
        }),
      ],
    ],
  ),
];

describe("what is looked for, and placed by computed indices, is ONNX Runtime's", () => {
  testOperators(
    Object.fromEntries([...places, ...gathers, ...scatters, ...others, ...pools, ...samples, ...deformed]),
    {
      boards: ["host", "qemu-rpi4", "qemu-rpi2"],
      written: "imported",
    },
  );
});
