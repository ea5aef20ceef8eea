import type { Graph, Pads } from "../../compiler/graph/graph.ts";
import { makeNodeTasks } from "../../compiler/graph/node-task/make-node-task.ts";
import { isKernelNode } from "../../compiler/graph/node-task/node-task.ts";
import { interpret } from "../../compiler/ir/interpret.ts";
import { parseKernel } from "../../compiler/language/parse-kernel.ts";
import type { ConvPlan, Window } from "../../compiler/ops/conv2d/algorithm.ts";
import { winograd } from "../../compiler/ops/winograd/algorithm.ts";
import { defined } from "../../compiler/support/assert.ts";
import { kernelFile, operator } from "../../compiler/task/compile-task.ts";
import type { LayerPart } from "../../compiler/verify/layer-part.ts";
import { padImage } from "../../compiler/verify/pad.ts";
import { planarLayouts, viewedInput } from "../../compiler/verify/reference.ts";
import { LEAST } from "../../compiler/verify/rounding.ts";
import type { GraphBuilder } from "../graph/graph-builder.ts";

const PADS: Pads = [1, 1, 1, 1];

/** An operator of Winograd's algorithm, and the window that a layer has of it. */
interface ByTiles {
  readonly op: keyof typeof winograd.operators;
  readonly window: Window;
}
const square = (side: number, stride = 1): Window => ({
  KH: side,
  KW: side,
  SH: stride,
  SW: stride,
  DH: 1,
  DW: 1,
});

/** Layers of every kind of rounding, by name, some of them by tiles. */
export const LAYERS: Readonly<
  Record<string, { readonly by?: ByTiles; readonly make: (g: GraphBuilder) => string }>
> = {
  direct: { make: (g) => g.conv(g.input([1, 8, 7, 7]), { oc: 4, pads: PADS }) },
  pointwise: { make: (g) => g.conv(g.input([1, 64, 5, 5]), { oc: 8, kernel: 1 }) },
  depthwise: { make: (g) => g.conv(g.input([1, 6, 9, 9]), { oc: 6, groups: 6, pads: PADS }) },
  winograd2: {
    by: { op: "winograd2", window: square(3) },
    make: (g) => g.conv(g.input([1, 8, 8, 8]), { oc: 4, pads: PADS }),
  },
  winograd4: {
    by: { op: "winograd4", window: square(3) },
    make: (g) => g.conv(g.input([1, 8, 9, 8]), { oc: 4, pads: PADS }),
  },
  winograd6: {
    by: { op: "winograd8x8", window: square(3) },
    make: (g) => g.conv(g.input([1, 8, 12, 7]), { oc: 4, pads: PADS }),
  },
  winograd5: {
    by: { op: "winograd7x7", window: square(3) },
    make: (g) => g.conv(g.input([1, 8, 10, 9]), { oc: 4, pads: PADS }),
  },
  "winograd3 of 5x5": {
    by: { op: "winograd7x7", window: square(5) },
    make: (g) => g.conv(g.input([1, 8, 9, 8]), { oc: 4, kernel: 5, pads: [2, 2, 2, 2] }),
  },
  "winograd4 of 5x5": {
    by: { op: "winograd8x8", window: square(5) },
    make: (g) => g.conv(g.input([1, 8, 9, 8]), { oc: 4, kernel: 5, pads: [2, 2, 2, 2] }),
  },
  "winograd7 of stride 2": {
    by: { op: "winograd8x8", window: square(3, 2) },
    make: (g) => g.conv(g.input([1, 8, 15, 14]), { oc: 4, stride: 2, pads: PADS }),
  },
  "winograd5 of stride 2": {
    by: { op: "winograd8x8", window: square(7, 2) },
    make: (g) => g.conv(g.input([1, 3, 16, 20]), { oc: 4, kernel: 7, stride: 2, pads: [3, 3, 3, 3] }),
  },
  dense: { make: (g) => g.dense(g.input([1, 300]), 20) },
  average: { make: (g) => g.avgPool(g.input([1, 4, 8, 8]), { kernel: 3, pads: PADS }) },
  mean: { make: (g) => g.globalAvgPool(g.input([1, 8, 20, 20])) },
  softmax: { make: (g) => g.softmax(g.input([4, 30]), 1) },
  silu: { make: (g) => g.activation(g.input([1, 4, 6, 6]), "silu", 1) },
  gelu: { make: (g) => g.activation(g.input([1, 4, 6, 6]), "gelu") },
  mish: { make: (g) => g.activation(g.input([1, 4, 6, 6]), "mish") },
};

/** How metadata would tell of the layer. */
export function tilesOfLayer(graph: Graph, by: ByTiles | undefined): readonly LayerPart[] {
  const [{ name, output }] = graph.nodes;
  const rows = graph.tensors.get(output)?.shape[2];
  return [{ name, op: by?.op ?? "conv2d", rows, output: { tensor: output } }];
}

/**
 * A layer in float32, each operation rounded, by interpreting its kernel.
 * @param flush below the least normal float there is only zero, as on some boards
 */
export function inFloats(
  graph: Graph,
  x: Float32Array,
  by: ByTiles | undefined,
  flush = false,
): Float32Array {
  const [node] = graph.nodes;
  if (!isKernelNode(node)) throw new Error(`${node.op.kind} has no kernel`);
  const shape = defined(graph.tensors.get(node.output), node.output).shape;
  const read = (tensor: string) => (tensor === graph.inputs[0] ? flushed(x, flush) : new Float32Array());
  const [{ op, dims, params }] = makeNodeTasks(graph, node, planarLayouts(node), tiling(shape, by));
  const proc = parseKernel(kernelFile(operator(op)), operator(op).kernel.name, dims);
  const buffers: Record<string, Float32Array> = {};
  for (const param of params) {
    if (param.kind === "weight" && param.data instanceof Float32Array)
      buffers[param.param] = flushed(param.data, flush);
    if (param.kind === "activation" && param.operand !== "output")
      buffers[param.param] = viewedInput(graph, node, param, read).data;
  }
  for (const { name, role, storage } of proc.params)
    if (role === "output") buffers[name] = new Float32Array(storage.shape.reduce((a, b) => a * b, 1));
  interpret(proc, buffers);
  const y = params.find((param) => param.kind === "activation" && param.operand === "output");
  if (y?.kind !== "activation") throw new Error("no output");
  const [n, c, h = 1, w = 1] = shape;
  const [top, left, bottom, right] = y.view.pads;
  const wide = [n, c, h + top + bottom, w + left + right];
  return flushed(padImage(buffers[y.param], wide, [-top, -left, -bottom, -right], 0), flush);
}

function tiling([, , h, OW]: readonly number[], by: ByTiles | undefined): ConvPlan | undefined {
  return (
    by && { parts: [defined(winograd.part, "parts")(by.op, { from: 0, rows: h }, { ...by.window, OW })] }
  );
}

function flushed(data: Float32Array, flush: boolean): Float32Array {
  return flush ? data.map((v) => (Math.abs(v) < LEAST ? 0 : v)) : data;
}
