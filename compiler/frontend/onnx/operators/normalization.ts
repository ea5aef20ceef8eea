import { NO_CLAMP, type Softmax } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { elementCount, sameShape, shapeText, type TensorValue } from "../value.ts";
import { normalAxis } from "./axis.ts";
import { emitElementwise, operandOf } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { emitReduction } from "./reduction.ts";

/** BatchNormalization in inference form: x [N,C,...], scale, B, mean, var [C]. */
const batchNormalization = operator("BatchNormalization", (node, { epsilon }) => {
  if (!Number.isFinite(epsilon)) node.invalid(`epsilon is ${epsilon}`);
  const x = node.tensor(0);
  if (x.shape.length < 2) node.unsupported(`input of shape ${shapeText(x.shape)}: only [N,C,...]`);
  const parameters = perChannel(node, x, ["scale", "bias", "mean", "variance"]);
  node.emit({ kind: "batch-norm", epsilon }, [x.name, ...parameters], x.shape);
});

/** The inputs behind the first, constants of a number for each channel: their names. */
function perChannel(node: NodeContext, x: TensorValue, parts: readonly string[]): readonly string[] {
  const constants = parts.map((what, i) => node.constant(i + 1, what));
  for (const { name, shape } of constants) {
    if (!sameShape(shape, [x.shape[1]])) {
      node.invalid(`\`${name}\` has shape ${shapeText(shape)}, the input has ${x.shape[1]} channels`);
    }
  }
  return constants.map((constant) => node.use(constant));
}

/** InstanceNormalization: x [N,C,...], scale and B [C]. */
const instanceNormalization = operator("InstanceNormalization", (node, { epsilon }) => {
  const x = node.tensor(0);
  if (x.shape.length < 3) node.unsupported(`input of shape ${shapeText(x.shape)}: only [N,C,...]`);
  const parameters = perChannel(node, x, ["scale", "bias"]);
  const op = { kind: "instance-norm", epsilon: checkedEpsilon(node, epsilon), clamp: NO_CLAMP } as const;
  node.emit(op, [x.name, ...parameters], x.shape);
});

function checkedEpsilon(node: NodeContext, epsilon: number): number {
  return Number.isFinite(epsilon) && epsilon >= 0 ? epsilon : node.invalid(`epsilon is ${epsilon}`);
}

/**
 * LayerNormalization over all dimensions from `axis` on; scale and bias may be spread over them. Who names the means or the
 * reciprocals of the deviations gets them computed beside.
 */
const layerNormalization = operator("LayerNormalization", (node, { axis, epsilon: given }) => {
  const x = node.tensor(0);
  const from = normalAxis(node, axis, x.shape.length);
  const count = elementCount(x.shape.slice(from));
  const epsilon = checkedEpsilon(node, given);
  const op = { kind: "layer-norm", axis: from, epsilon } as const;
  const [scale, shift] = [affinePart(node, 1, count), affinePart(node, 2, count)];
  if (scale !== undefined && shift !== undefined) node.emit(op, [x.name, scale, shift], x.shape);
  else {
    // what is no constant, or is spread, is multiplied and added by itself
    const affine = [filled(node, "ones", count, 1), filled(node, "zeros", count, 0)];
    const plain = node.emitHelper("normal", op, [x.name, ...affine], x.shape);
    if (node.optional(2) === undefined) emitElementwise(node, "mul", [plain, operandOf(node, 1)]);
    else {
      const scaled = emitElementwise(node, "mul", [plain, operandOf(node, 1)], "scaled");
      emitElementwise(node, "add", [scaled, operandOf(node, 2)]);
    }
  }
  emitStatistics(node, x, from, epsilon);
});

/** Scale or bias of a layer norm as a weight of `count` elements; undefined where it is none. */
function affinePart(node: NodeContext, i: 1 | 2, count: number): string | undefined {
  const value = node.optional(i);
  if (value === undefined) return i === 1 ? node.invalid("it has no scale") : filled(node, "shift", count, 0);
  const fits = value.kind === "constant" && value.data.length === count;
  return fits ? node.weight(i === 1 ? "scale" : "shift", [count], value.data) : undefined;
}

/** The second and third output of a layer norm, where the node names them. */
function emitStatistics(node: NodeContext, x: TensorValue, from: number, epsilon: number): void {
  const [, meanName, inverseName] = node.outputNames;
  const named = (name: string | undefined): boolean => name !== undefined && name !== "";
  if (!named(meanName) && !named(inverseName)) return;
  const axes = x.shape.flatMap((_, axis) => (axis < from ? [] : [axis]));
  const shape = x.shape.map((extent, axis) => (axis < from ? extent : 1));
  const mean = emitReduction(node, "mean", "mean", x, axes);
  if (named(meanName)) node.emitResult(1, { kind: "reshape" }, [mean.name], shape);
  if (!named(inverseName)) return;
  const { variance } = deviations(node, x, mean, axes);
  const safe = node.emitHelper("safe", functionOp("affine", 1, epsilon), [variance.name], shape);
  node.emitResult(2, functionOp("power", -0.5), [safe.name], shape);
}

/** How far elements are from their mean, and the mean of the squares of that. */
function deviations(node: NodeContext, x: TensorValue, mean: TensorValue, axes: readonly number[]) {
  const off = emitElementwise(node, "sub", [x, mean], "off");
  const squares = node.emitHelper("squares", functionOp("power", 2), [off.name], x.shape);
  return { off, variance: emitReduction(node, "variance", "mean", squares, axes) };
}

function filled(node: NodeContext, part: string, count: number, value: number): string {
  return node.weight(part, [count], new Float32Array(count).fill(value));
}

/** GroupNormalization: scale and bias for each group before opset 21, for each channel from then on. */
const groupNormalization = operator("GroupNormalization", (node, { epsilon, num_groups: groups }) => {
  const x = node.tensor(0);
  const [n, c] = x.shape;
  if (x.shape.length < 3 || groups < 1 || c % groups !== 0) {
    node.invalid(`it normalises ${groups} groups of ${shapeText(x.shape)}`);
  }
  const [scale, bias] = ["scale", "bias"].map((what, i) => {
    const { name, shape, data } = node.constant(i + 1, what);
    const each = node.opset < 21 ? groups : c;
    if (!sameShape(shape, [each])) node.invalid(`\`${name}\` has shape ${shapeText(shape)}, not ${each}`);
    return Float32Array.from({ length: c }, (_, i) => data[Math.floor((i * each) / c)]);
  });
  const rows = [n, groups, elementCount(x.shape.slice(1)) / groups];
  const flat = node.emitHelper("groups", { kind: "reshape" }, [x.name], rows);
  const op = { kind: "layer-norm", axis: 2, epsilon: checkedEpsilon(node, epsilon) } as const;
  const affine = [filled(node, "ones", rows[2], 1), filled(node, "zeros", rows[2], 0)];
  const normal = node.emitHelper("normal", op, [flat.name, ...affine], rows);
  const back = node.emitHelper("channels", { kind: "reshape" }, [normal.name], x.shape);
  const vector = (part: string, data: Float32Array): string => node.weight(part, [c], data);
  const parts = [
    vector("scale", scale),
    vector("bias", bias),
    filled(node, "mean", c, 0),
    filled(node, "variance", c, 1),
  ];
  node.emit({ kind: "batch-norm", epsilon: 0 }, [back.name, ...parts], x.shape);
});

/** LpNormalization along one axis: what has no norm stays 0. */
const lpNormalization = operator("LpNormalization", (node, { axis, p }) => {
  const x = node.tensor(0);
  if (p !== 1 && p !== 2) node.invalid(`p is ${p}`);
  const norm = emitReduction(node, "norm", p === 1 ? "l1" : "l2", x, [
    normalAxis(node, axis, x.shape.length),
  ]);
  const clamp = { ...NO_CLAMP, lo: LEAST_NORM };
  const divisor = node.emitHelper("divisor", { kind: "clamp", clamp }, [norm.name], norm.shape);
  emitElementwise(node, "div", [x, divisor]);
});

/** The least normal number. */
const LEAST_NORM = 2 ** -126;

/** MeanVarianceNormalization: (x - mean) / (deviation + 1e-9), over all images and maps of a channel if nothing is said. */
const meanVarianceNormalization = operator("MeanVarianceNormalization", (node, attributes) => {
  const x = node.tensor(0);
  const given = attributes.axes ?? [0, 2, 3];
  const axes = given.map((axis) => normalAxis(node, axis, x.shape.length)).sort((a, b) => a - b);
  const mean = emitReduction(node, "mean", "mean", x, axes);
  const { off, variance } = deviations(node, x, mean, axes);
  const deviation = node.emitHelper("deviation", functionOp("sqrt"), [variance.name], variance.shape);
  const divisor = node.emitHelper("divisor", functionOp("affine", 1, 1e-9), [deviation.name], variance.shape);
  emitElementwise(node, "div", [off, divisor]);
});

/** RMSNormalization: x / sqrt(mean(x^2) + epsilon) over the axes from `axis` on, times a scale that is spread over x. */
const rmsNormalization = operator("RMSNormalization", (node, { axis, epsilon }) => {
  const x = node.tensor(0);
  const axes = [...x.shape.keys()].slice(normalAxis(node, axis, x.shape.length));
  const squares = node.emitHelper("squares", functionOp("power", 2), [x.name], x.shape);
  const mean = emitReduction(node, "mean", "mean", squares, axes);
  const safe = functionOp("affine", 1, checkedEpsilon(node, epsilon));
  const above = node.emitHelper("above", safe, [mean.name], mean.shape);
  const divisor = node.emitHelper("divisor", functionOp("sqrt"), [above.name], mean.shape);
  const scale = operandOf(node, 1);
  emitElementwise(node, "mul", [emitElementwise(node, "div", [x, divisor], "normal"), scale]);
});

/** Before opset 13 over all dimensions from `axis` (default 1) on as one, from 13 along `axis` (default -1). */
function alongAxis(node: NodeContext, given: number, op: Omit<Softmax, "axis">): void {
  const x = node.tensor(0);
  const axis = normalAxis(node, given, x.shape.length);
  const joined = x.shape.slice(axis + 1);
  if (node.opset >= 13 || elementCount(joined) === 1) {
    node.emit({ ...op, axis }, [x.name], x.shape);
    return;
  }
  const flat = [elementCount(x.shape.slice(0, axis)), elementCount(x.shape.slice(axis))];
  const before = node.emitHelper("flat", { kind: "reshape" }, [x.name], flat);
  const after = node.emitHelper("softmax", { ...op, axis: 1 }, [before.name], flat);
  node.emit({ kind: "reshape" }, [after.name], x.shape);
}

const softmax = operator("Softmax", (node, { axis }) => alongAxis(node, axis, { kind: "softmax" }));
const hardmax = operator("Hardmax", (node, { axis }) =>
  alongAxis(node, axis, { kind: "softmax", result: "hard" }),
);

const logSoftmax = operator("LogSoftmax", (node, { axis }) =>
  alongAxis(node, axis, { kind: "softmax", result: "log" }),
);

export const normalizationOperators = [
  batchNormalization,
  instanceNormalization,
  layerNormalization,
  groupNormalization,
  lpNormalization,
  meanVarianceNormalization,
  rmsNormalization,
  hardmax,
  logSoftmax,
  softmax,
] as const;
