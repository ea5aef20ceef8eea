import { transposeData } from "../../../graph/transpose-data.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { type ConstantValue, elementCount, type TensorValue, type Whole } from "../value.ts";
import { EXACT } from "../whole.ts";
import { emitElementwise } from "./broadcast.ts";
import { checkGroups, checkKernel, checkRank } from "./convolution-parts.ts";
import { dynamicConvolution, dynamicWeights } from "./dynamic-convolution.ts";
import { functionOp } from "./function-op.ts";
import { productOf } from "./product.ts";
import { asImages } from "./row-images.ts";
import { findWhole, fitted, type WholeOperand, wholeOperand } from "./whole-operand.ts";
import { planeOf, resolveWindow } from "./window.ts";

// Sums of products of whole numbers, exact as all of them are (whole.ts). No algorithm that rounds on the way may compute them, so
// weights are those of a convolution that gets them while it runs.

/** Sums of products of x and factors: how great one may be by the factors' sizes, and a node that computes them. */
interface Sums {
  readonly x: Whole;
  readonly factors: WholeOperand;
  /** Which list of factors, of so many, one of them is in: results are the sums over a list. */
  readonly lists: number;
  readonly listOf: (factor: number) => number;
  /** Products that one result sums up. */
  readonly count: number;
  readonly emit: (factors: WholeOperand, part: string, whole: Whole) => TensorValue;
}

/** Where sums may leave what float32 tells apart, known factors are taken in two parts: 16 times one, and the rest. What is then beyond is NaN. */
function exactSums(node: NodeContext, sums: Sums): void {
  const { x, factors, count, emit } = sums;
  const size = sizeOf(x);
  const range = (bound: number): Whole => ({ ...x, type: "int32", lo: -bound, hi: bound });
  const boundOf = (operand: WholeOperand): number =>
    size * (operand.kind === "constant" ? heaviest(sums, operand.data) : count * sizeOf(operand.whole));
  const bound = boundOf(factors);
  if (bound <= EXACT) {
    node.become(emit(factors, "sums", range(bound)));
    return;
  }
  if (factors.kind !== "constant")
    node.unsupported(`of ${count} products: sums beyond ${EXACT} are not exact`);
  const sixteens = factors.data.map((v) => Math.round(v / 16));
  const rest = factors.data.map((v, i) => v - 16 * sixteens[i]);
  const [upper, lower] = [sixteens, rest].map((data, i) => {
    const part = { ...factors, data };
    const most = boundOf(part);
    if (most > EXACT) node.unsupported(`of ${count} products: sums beyond ${EXACT} are not exact`);
    return emit(part, i === 0 ? "sixteens" : "rest", range(most));
  });
  const scaled = node.emitHelper("scaled", functionOp("affine", 16), [upper.name], upper.shape);
  emitElementwise(node, "add", [scaled, lower], undefined, fitted(range(bound)));
}

/** The greatest sum of the sizes of a list's factors. */
function heaviest({ lists, listOf }: Sums, factors: Float32Array): number {
  const sums = new Float64Array(lists);
  factors.forEach((v, i) => {
    sums[listOf(i)] += Math.abs(v);
  });
  return sums.reduce((a, b) => Math.max(a, b), 0);
}

function sizeOf({ lo, hi }: Whole): number {
  return Math.max(-lo, hi);
}

/** Where one zero point for each row, column or channel belongs. */
interface Along {
  /** The shape that they are spread from. */
  readonly shape: readonly number[];
  /** Neighbours, row-major, that share one. */
  readonly each: number;
}

/** Input i less its zero point, two inputs behind it. */
function centred(node: NodeContext, x: WholeOperand, i: 0 | 1, along: Along): WholeOperand {
  const zero = node.optional(i + 2) === undefined ? undefined : findWhole(node, i + 2);
  if (zero !== undefined && zero.whole.type !== x.whole.type) {
    node.invalid(`its input ${i} is ${x.whole.type}, the zero point of that ${zero.whole.type}`);
  }
  if (zero === undefined || (zero.kind === "constant" && zero.data.every((v) => v === 0))) return x;
  const count = elementCount(zero.shape);
  const shape = count === 1 ? [] : along.shape;
  if (count !== elementCount(shape)) node.invalid(`it has ${count} zero points for ${elementCount(shape)}`);
  const { lo, hi } = zero.whole;
  const whole: Whole = { ...x.whole, type: "int32", lo: x.whole.lo - hi, hi: x.whole.hi - lo };
  if (x.kind === "constant" && zero.kind === "constant") {
    node.reserve(x.data.length);
    const data = x.data.map((v, at) => v - zero.data[Math.floor(at / along.each) % count]);
    return { ...x, data, whole };
  }
  const part = `zero${i}`;
  const name =
    zero.kind === "constant"
      ? node.weight(part, shape, zero.data)
      : node.emitHelper(part, { kind: "reshape" }, [zero.name], shape, zero.whole).name;
  return { ...emitElementwise(node, "sub", [x, { ...zero, name, shape }], `centred${i}`, { whole }), whole };
}

/** ConvInteger (opset 10): zero points are one for x, and one for all weights or for each output channel. */
const convInteger = operator("ConvInteger", (node, attributes) => {
  const [maps, weights] = [wholeOperand(node, 0), wholeOperand(node, 1)];
  const [xShape, wShape] = [maps.shape, weights.shape];
  const [oc, perGroup, ...kernel] = wShape;
  const taps = elementCount(wShape) / oc;
  const x = centred(node, maps, 0, { shape: [], each: 1 });
  const factors = centred(node, weights, 1, { shape: wShape.map((d, i) => (i === 0 ? d : 1)), each: taps });
  if (x.kind === "constant") return node.unsupported("of an input that is known");
  if (xShape.length === 5) node.unsupported("of 3-D images");
  checkRank(node, x, factors);
  checkGroups(node, { groups: attributes.group, c: xShape[1], oc, perGroup });
  checkKernel(node, attributes.kernel_shape, factors);
  const sides = resolveWindow(node, {
    ...{ input: xShape.slice(2), outside: [0, 0, 0, 0], kernel, ceil: false },
    ...{ strides: attributes.strides, dilations: attributes.dilations },
    ...{ pads: attributes.pads, autoPad: attributes.auto_pad },
  });
  const window = planeOf(sides);
  const op = dynamicConvolution(window, attributes.group, false);
  const images = asImages(node, x);
  const shape = [xShape[0], oc, ...window.output];
  exactSums(node, {
    ...{ x: x.whole, factors, count: taps },
    ...{ lists: oc, listOf: (i) => Math.floor(i / taps) },
    emit: (w, part, whole) => {
      const rows = w.kind === "tensor" ? dynamicWeights(node, w) : rowsOf(node, w, part);
      const sums = node.emitHelper(part, op, [images.name, rows], shape, whole);
      if (xShape.length === 4) return sums;
      return node.emitHelper(`${part}/row`, { kind: "reshape" }, [sums.name], shape.toSpliced(2, 1), whole);
    },
  });
});

/** Known weights as dynamicWeights arranges those that are computed. */
function rowsOf(node: NodeContext, { shape: [oc], data }: ConstantValue, part: string): string {
  const shape = [1, data.length / oc, oc];
  const rows = node.weight(`${part}/rows`, shape, transposeData(data, [oc, data.length / oc], [1, 0]));
  return node.emitHelper(`${part}/weights`, { kind: "constant" }, [rows], shape).name;
}

/** MatMulInteger (opset 10): zero points are one for all, or for each row of the first and each column of the second. */
const matMulInteger = operator("MatMulInteger", (node) => {
  const [first, second] = [wholeOperand(node, 0), wholeOperand(node, 1)];
  const [aShape, bShape] = [first.shape, second.shape];
  const { op, shape } = productOf(node, aShape, bShape);
  const [count, columns] = [aShape[aShape.length - 1], bShape.length === 1 ? 1 : bShape[bShape.length - 1]];
  const a = centred(node, first, 0, { shape: [aShape[aShape.length - 2] ?? 1, 1], each: count });
  const factors = centred(node, second, 1, { shape: [columns], each: 1 });
  if (a.kind === "constant") return node.unsupported("of a first matrix that is known");
  exactSums(node, {
    ...{ x: a.whole, factors, count },
    lists: elementCount(bShape) / count,
    listOf: (i) => Math.floor(i / (columns * count)) * columns + (i % columns),
    emit: (b, part, whole) => {
      const name = b.kind === "tensor" ? b.name : node.weight(`${part}/b`, bShape, b.data);
      return node.emitHelper(part, op, [a.name, name], shape, whole);
    },
  });
});

export const wholeProducts = [convInteger, matMulInteger] as const;
