import { describe } from "vitest";
import { integers, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Attributes = Parameters<typeof node>[3];

/** A convolution of images by weights that the caller gives, then a ReLU. */
function byInput(x: readonly number[], w: readonly number[], attributes: Attributes = {}): OperatorModel {
  return {
    inputs: { x, w },
    outputs: ["y"],
    nodes: [node("Conv", ["x", "w", "b"], "sums", attributes), node("Relu", ["sums"], "y")],
    weights: [weights("b", [w[0]])],
  };
}

const around = { pads: [1, 1, 1, 1] };

/** Channels that fill vectors, so that weights are taken as they are computed, and others. */
const MODELS: Readonly<Record<string, OperatorModel>> = {
  "1x1": byInput([1, 8, 6, 11], [16, 8, 1, 1]),
  "1x1, a stride": byInput([1, 8, 9, 11], [8, 8, 1, 1], { strides: [2, 2] }),
  "1x1, a batch": byInput([3, 16, 5, 4], [24, 16, 1, 1]),
  "3x3": byInput([1, 8, 9, 13], [16, 8, 3, 3], around),
  "3x3, a stride": byInput([2, 8, 9, 13], [8, 8, 3, 3], { ...around, strides: [2, 2] }),
  "2x2 by two": byInput([1, 8, 8, 12], [8, 8, 2, 2], { strides: [2, 2] }),
  "groups of 8": byInput([1, 16, 9, 10], [24, 8, 3, 3], { ...around, group: 2 }),
  depthwise: byInput([1, 16, 11, 10], [16, 1, 5, 5], { group: 16 }),
  "odd channels": byInput([1, 6, 7, 9], [10, 6, 3, 3], around),
  "groups of 3": byInput([2, 6, 7, 9], [4, 3, 3, 3], { group: 2, dilations: [2, 1] }),
  "depthwise, odd channels": byInput([1, 6, 7, 9], [12, 1, 3, 3], { group: 6, strides: [1, 2] }),
  "one output": byInput([1, 8, 7, 9], [1, 8, 3, 3]),
  // whole vectors of channels, but not of a group's
  "groups of 2, a pixel": byInput([3, 8, 1, 1], [32, 2, 1, 1], { group: 4 }),
  "groups of 2, a pixel with a border": byInput([1, 16, 1, 1], [16, 2, 1, 2], {
    group: 8,
    pads: [0, 1, 0, 1],
  }),
  "groups of 1, a pixel of two": byInput([1, 16, 2], [64, 1, 1], { group: 16, strides: [2] }),
  // a tracker: what was seen before is looked for in what is seen now
  "cross-correlation": {
    inputs: { seen: [1, 4, 9, 9], before: [1, 4, 5, 5] },
    outputs: ["y"],
    nodes: [
      node("Conv", ["seen", "k"], "x", around),
      node("Conv", ["before", "k"], "z", around),
      node("Reshape", ["z", "eight"], "w"),
      node("Conv", ["x", "w"], "y", { group: 8 }),
    ],
    weights: [weights("k", [8, 4, 3, 3]), integers("eight", [8, 1, 5, 5])],
  },
  // of a style: weights that are scaled, then have a size of one
  modulated: {
    inputs: { x: [1, 8, 6, 7], s: [1, 1, 8, 1, 1] },
    outputs: ["y"],
    nodes: [
      node("Mul", ["k", "s"], "scaled"),
      node("Reshape", ["scaled", "kernel"], "w"),
      node("Conv", ["x", "w"], "sums", around),
      node("Add", ["sums", "x"], "added"),
      node("Relu", ["added"], "y"),
    ],
    weights: [weights("k", [1, 8, 8, 3, 3]), integers("kernel", [8, 8, 3, 3])],
  },
  "a bias that is computed": {
    inputs: { x: [1, 8, 6, 7], w: [8, 8, 3, 3], b: [8] },
    outputs: ["y"],
    nodes: [node("Conv", ["x", "w", "b"], "sums"), node("Relu", ["sums"], "y")],
    weights: [],
  },
};

describe("convolutions by computed weights", () => {
  testOperators(MODELS, { boards: ["host", "qemu-rpi4", "qemu-rpi2"], written: "optimised" });
});
