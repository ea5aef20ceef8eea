import type {
  ActivationOp,
  BatchNorm,
  ClampOp,
  Conv2d,
  DynamicConv2d,
  ElementwiseOp,
  GraphNode,
  InstanceNorm,
  LayerNorm,
  Lrn,
  MatMul,
  NodeOp,
  Pool,
  Recurrent,
  Reduce,
} from "../../graph/graph.ts";
import { isSearch } from "../../graph/search-ops.ts";
import { ELEMENTWISE, isTruth } from "../../ops/elementwise/elementwise.ts";
import { reductionOf } from "../../ops/reduce/reductions.ts";
import { assertNever, defined, invariant } from "../../support/assert.ts";
import { frameOperator } from "./export-frame.ts";
import { moveOperator } from "./export-moves.ts";
import { sampleOperator, searchOperator } from "./export-search.ts";
import { addFloats, addIntegers, castNode, tensorOf, type Writer, written } from "./export-writer.ts";
import type { OnnxNode } from "./model.ts";
import { floatAttribute, intAttribute, intsAttribute } from "./node-attributes.ts";
import { BOOL, FLOAT32 } from "./schema.ts";

/** The ONNX operator of a node without its residual and clamp. */
export function operatorOf(
  writer: Writer,
  node: GraphNode,
  op: Exclude<NodeOp, ClampOp | ActivationOp | Recurrent>,
): OnnxNode {
  const { inputs: input, output } = node;
  const shape = (tensor: string): readonly number[] => tensorOf(writer.graph, tensor).shape;
  if (isSearch(op)) return searchOperator(writer, node, op);
  switch (op.kind) {
    case "conv2d":
    case "dynamic-conv2d":
      return convOperator(writer, node, op);
    case "batch-norm":
    case "instance-norm":
      return normOperator(input, op);
    case "prelu":
      return preluOperator(writer, input, shape(input[0] ?? "").length);
    case "add":
      return { opType: "Add", input };
    case "elementwise":
      return elementwiseOperator(writer, node, op);
    case "where":
      return whereOperator(writer, node);
    case "mul":
      return { opType: "Mul", input: input.slice(0, 2) };
    case "pool":
      return poolOperator(writer, node, op);
    case "global-avg-pool":
      return { opType: "GlobalAveragePool", input };
    case "matmul":
      return matmulOperator(op, input);
    case "dense":
      return { opType: "Gemm", input, attribute: [intAttribute("transB", 1)] };
    case "reshape":
    case "transpose":
    case "concat":
    case "slice":
    case "constant":
    case "gather":
    case "resample":
    case "pad":
    case "depth-to-space":
    case "space-to-depth":
      return moveOperator(writer, node, op);
    case "frame":
      return frameOperator(writer, node, op);
    case "lrn":
      return { opType: "LRN", input, attribute: lrnAttributes(op) };
    case "layer-norm":
      return layerNormOperator(writer, input, op, shape(output));
    case "reduce":
      return reduceOperator(writer, node, op);
    case "sample":
      return sampleOperator(writer, node);
    case "softmax":
      return { opType: SOFTMAXES[op.result ?? "plain"], input, attribute: [intAttribute("axis", op.axis)] };
    default:
      return assertNever(op);
  }
}

/** All tensors that are written are float32: truths are cast to it, and from it. */
function elementwiseOperator(
  writer: Writer,
  { inputs, output }: GraphNode,
  { fn, constant }: ElementwiseOp,
): OnnxNode {
  const input = constant === "first" ? [...inputs].reverse() : inputs;
  if (fn === "index") return indexOperator(writer, input, output);
  const operator = {
    opType: ELEMENTWISE[fn].onnx,
    input,
    attribute: fn === "mod" ? [intAttribute("fmod", 1)] : [],
  };
  if (!isTruth(fn)) return operator;
  return castNode(written(writer, `${output}/truth`, operator), FLOAT32);
}

function whereOperator(writer: Writer, { inputs, output }: GraphNode): OnnxNode {
  const [condition = "", ...values] = inputs;
  const truth = written(writer, `${output}/condition`, castNode(condition, BOOL));
  return { opType: "Where", input: [truth, ...values] };
}

/** The index counted from the front, which is 0 times the root of a number below 0, so NaN, more where it lies outside. */
function indexOperator(writer: Writer, [at = "", size = ""]: readonly string[], output: string): OnnxNode {
  const step = (part: string, node: OnnxNode): string => written(writer, `${output}/${part}`, node);
  const number = (part: string, value: number): string =>
    addFloats(writer, `${output}/${part}`, [], Float32Array.of(value));
  const zero = number("zero", 0);
  const below = step("below", { opType: "Less", input: [at, zero] });
  const wrapped = step("wrapped", { opType: "Add", input: [at, size] });
  const place = step("place", { opType: "Where", input: [below, wrapped, at] });
  const last = step("last", { opType: "Sub", input: [size, number("one", 1)] });
  const held = step("held", {
    opType: "Max",
    input: [step("top", { opType: "Min", input: [place, last] }), zero],
  });
  const off = step("off", { opType: "Abs", input: [step("apart", { opType: "Sub", input: [place, held] })] });
  const root = step("root", { opType: "Sqrt", input: [step("minus", { opType: "Neg", input: [off] })] });
  return { opType: "Add", input: [place, step("none", { opType: "Mul", input: [root, zero] })] };
}

const NORMS = { "batch-norm": "BatchNormalization", "instance-norm": "InstanceNormalization" } as const;

function normOperator(input: readonly string[], { kind, epsilon }: BatchNorm | InstanceNorm): OnnxNode {
  return { opType: NORMS[kind], input, attribute: [floatAttribute("epsilon", epsilon)] };
}

const SOFTMAXES = { plain: "Softmax", log: "LogSoftmax", hard: "Hardmax" } as const;

function matmulOperator(op: MatMul, input: readonly string[]): OnnxNode {
  const natural = [op.a, op.b, op.y].every(({ order }) => order.every((d, i) => d === i));
  invariant(natural, "what is exported is a network as imported");
  return { opType: "MatMul", input: input.slice(0, 2) };
}

function convOperator(writer: Writer, { inputs, output }: GraphNode, op: Conv2d | DynamicConv2d): OnnxNode {
  const [x = "", w = "", ...bias] = inputs.slice(0, op.bias ? 3 : 2);
  if (op.kind === "dynamic-conv2d") {
    const weights = computedWeights(writer, w, output, op);
    return { opType: "Conv", input: [x, weights, ...bias], attribute: convAttributes(op, op.kernel) };
  }
  invariant(op.globalPool === undefined, "what is exported is a network as imported");
  const kernel = tensorOf(writer.graph, w).shape.slice(2);
  return { opType: "Conv", input: [x, w, ...bias], attribute: convAttributes(op, kernel) };
}

/** Blocks of rows of output channels in the shape that Conv takes its weights in. */
function computedWeights(writer: Writer, w: string, output: string, { kernel }: DynamicConv2d): string {
  const [blocks, taps, block] = tensorOf(writer.graph, w).shape;
  const [kh, kw] = kernel;
  const attribute = [intsAttribute("perm", [0, 2, 1])];
  const columns = written(writer, `${output}/columns`, { opType: "Transpose", input: [w], attribute });
  const shape = addIntegers(writer, `${output}/weights-shape`, [blocks * block, taps / (kh * kw), kh, kw]);
  return written(writer, `${output}/weights`, { opType: "Reshape", input: [columns, shape] });
}

function convAttributes(
  { dilations, groups, pads, strides }: Pick<Conv2d, "dilations" | "groups" | "pads" | "strides">,
  kernel: readonly number[],
): NonNullable<OnnxNode["attribute"]> {
  return [
    intsAttribute("dilations", dilations),
    intAttribute("group", groups),
    intsAttribute("kernel_shape", kernel),
    intsAttribute("pads", pads),
    intsAttribute("strides", strides),
  ];
}

function reduceOperator(writer: Writer, { inputs: input, output }: GraphNode, op: Reduce): OnnxNode {
  const rank = (tensor: string): number => tensorOf(writer.graph, tensor).shape.length;
  const keepdims = intAttribute("keepdims", rank(output) === rank(input[0]) ? 1 : 0);
  const { onnx } = reductionOf(op.fn);
  // ReduceSum has its axes as an input from opset 13 on, the others only from 18 on.
  if (op.fn === "sum") {
    return {
      opType: onnx,
      input: [...input, addIntegers(writer, `${output}/axes`, op.axes)],
      attribute: [keepdims],
    };
  }
  return { opType: onnx, input, attribute: [intsAttribute("axes", op.axes), keepdims] };
}

/** `rank`: dimensions of the value, to which the slopes are spread. */
export function preluOperator(
  writer: Writer,
  [x = "", slope = ""]: readonly string[],
  rank: number,
): OnnxNode {
  const { shape, data } = tensorOf(writer.graph, slope);
  const spread = [...shape, ...Array<number>(rank - 2).fill(1)];
  return { opType: "PRelu", input: [x, addFloats(writer, slope, spread, defined(data, `slopes ${slope}`))] };
}

function lrnAttributes({ size, alpha, beta, bias }: Lrn): NonNullable<OnnxNode["attribute"]> {
  const numbers = { alpha, beta, bias };
  return [
    intAttribute("size", size),
    ...Object.entries(numbers).map(([name, value]) => floatAttribute(name, value)),
  ];
}

/** Scale and shift have the shape of what is normalised. */
function layerNormOperator(
  writer: Writer,
  [x = "", ...affine]: readonly string[],
  { axis, epsilon }: LayerNorm,
  shape: readonly number[],
): OnnxNode {
  const shaped = affine.map((name) => {
    const { data } = tensorOf(writer.graph, name);
    return addFloats(writer, name, shape.slice(axis), defined(data, `constant ${name}`));
  });
  return {
    opType: "LayerNormalization",
    input: [x, ...shaped],
    attribute: [intAttribute("axis", axis), floatAttribute("epsilon", epsilon)],
  };
}

/** What counts of a padding while the rest does not is a Pad before the pool. */
function poolOperator(writer: Writer, { inputs, output }: GraphNode, op: Pool): OnnxNode {
  const { pads, uncounted, countIncludePad } = op;
  if (uncounted !== undefined && countIncludePad) {
    const padded = `${output}/padded`;
    const counted = [0, 0, pads[0] - uncounted[0], pads[1] - uncounted[1]];
    const after = [0, 0, pads[2] - uncounted[2], pads[3] - uncounted[3]];
    const list = addIntegers(writer, `${output}/pads`, [...counted, ...after]);
    writer.nodes.push({ opType: "Pad", name: padded, input: [inputs[0] ?? "", list], output: [padded] });
    return windowOperator({ ...op, pads: uncounted, countIncludePad: false }, [padded]);
  }
  return windowOperator(op, inputs);
}

function windowOperator(op: Pool, input: readonly string[]): OnnxNode {
  const window = [
    intsAttribute("kernel_shape", op.kernel),
    intsAttribute("pads", op.pads),
    intsAttribute("strides", op.strides),
  ];
  if (op.mode === "max") {
    return { opType: "MaxPool", input, attribute: [intsAttribute("dilations", op.dilations), ...window] };
  }
  invariant(op.dilations[0] === 1 && op.dilations[1] === 1, "opset 13 has no dilated AveragePool");
  const counting = intAttribute("count_include_pad", op.countIncludePad ? 1 : 0);
  return { opType: "AveragePool", input, attribute: [counting, ...window] };
}
