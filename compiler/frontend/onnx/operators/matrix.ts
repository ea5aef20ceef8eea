import { NO_CLAMP } from "../../../graph/graph.ts";
import { transposeData } from "../../../graph/transpose-data.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { type ConstantValue, elementCount, shapeText, type TensorValue } from "../value.ts";
import { productOf, spreadOver } from "./product.ts";

export const DENSE = { kind: "dense", bias: false, clamp: NO_CLAMP } as const;

interface Scales {
  readonly alpha: number;
  readonly beta: number;
}
type Operand = TensorValue | ConstantValue;

/** Gemm: alpha * A' * B' + beta * C; with A an activation, B and C constant, C one value a column, a dense layer. */
const gemm = operator("Gemm", (node, { alpha, beta, transA, transB }) => {
  const [left, right] = [operand(node, 0), operand(node, 1)];
  const times = `it multiplies ${shapeText(left.shape)} by ${shapeText(right.shape)}`;
  if (left.shape.length !== 2 || right.shape.length !== 2) node.invalid(times);
  const c = node.optional(2) === undefined ? undefined : operand(node, 2);
  const rank = c?.shape.length ?? 0;
  if (rank > 2) node.invalid(`its matrix C has shape ${shapeText(c?.shape ?? [])}`);
  const a = transA ? turned(node, left, "a") : left;
  const columns = right.shape[transB ? 0 : 1] as number;
  const bias = c === undefined ? undefined : biasOf(node, c, columns, beta);
  if (a.kind === "tensor" && right.kind === "constant" && (c === undefined || bias !== undefined)) {
    const bk = right.shape[transB ? 1 : 0];
    if (bk !== a.shape[1]) node.invalid(`it multiplies ${shapeText(a.shape)} by a matrix of ${bk} rows`);
    const w = transB && alpha === 1 ? node.use(right) : denseWeights(node, right, transB, alpha);
    const inputs = bias === undefined ? [a.name, w] : [a.name, w, bias];
    node.emit({ ...DENSE, bias: bias !== undefined }, inputs, [a.shape[0] as number, columns]);
    return;
  }
  emitGemm(node, a, transB ? turned(node, right, "b") : right, c, { alpha, beta });
});

function emitGemm(node: NodeContext, a: Operand, b: Operand, c: Operand | undefined, by: Scales): void {
  const { op, shape } = productOf(node, a.shape, b.shape);
  const scaled = { ...op, scale: by.alpha };
  const inputs = [nameOf(node, a), nameOf(node, b)];
  if (c === undefined || by.beta === 0) {
    node.emit(scaled, inputs, shape);
    return;
  }
  const r = spreadOver(c.shape, shape, op.y);
  if (r === undefined)
    node.invalid(`its matrix C has shape ${shapeText(c.shape)}, the product ${shapeText(shape)}`);
  node.emit({ ...scaled, residual: "before", r }, [...inputs, scaledBy(node, c, by.beta)], shape);
}

/** C times beta; an activation is multiplied as a matrix of one column. */
function scaledBy(node: NodeContext, c: Operand, beta: number): string {
  if (beta === 1) return nameOf(node, c);
  if (c.kind === "constant") {
    return node.weight(
      "c",
      c.shape,
      c.data.map((v) => v * beta),
    );
  }
  const rows = [elementCount(c.shape), 1];
  const { op } = productOf(node, rows, [1, 1]);
  const column = node.emitHelper("c-column", { kind: "reshape" }, [c.name], rows);
  const beta1 = node.weight("beta", [1, 1], Float32Array.of(beta));
  const product = node.emitHelper("c-scaled", op, [column.name, beta1], rows);
  return node.emitHelper("c", { kind: "reshape" }, [product.name], c.shape).name;
}

/** MatMul: an activation [..., K] times a constant matrix [K, OC] is a dense layer, whatever else a product of matrices. */
const matMul = operator("MatMul", (node) => {
  const [a, b] = [operand(node, 0), operand(node, 1)];
  const { op, shape } = productOf(node, a.shape, b.shape);
  if (a.kind === "tensor" && b.kind === "constant" && b.shape.length === 2) denseLayer(node, a, b, shape);
  else node.emit(op, [nameOf(node, a), nameOf(node, b)], shape);
});

function denseLayer(node: NodeContext, x: TensorValue, b: ConstantValue, shape: readonly number[]): void {
  const w = denseWeights(node, b, false, 1);
  const [k, oc] = b.shape as [number, number];
  const rows = elementCount(x.shape) / k;
  if (x.shape.length === 2) {
    node.emit(DENSE, [x.name, w], shape);
    return;
  }
  const flat = node.emitHelper("flat", { kind: "reshape" }, [x.name], [rows, k]);
  const product = node.emitHelper("product", DENSE, [flat.name, w], [rows, oc]);
  node.emit({ kind: "reshape" }, [product.name], shape);
}

/** An input that is an activation or constant float32; one at least must be an activation. */
function operand(node: NodeContext, i: number): Operand {
  const v = node.value(i);
  const known = i < 2 && node.value(1 - i).kind === "constant";
  return v.kind === "constant" && !known ? v : node.tensor(i);
}

function nameOf(node: NodeContext, v: Operand): string {
  return v.kind === "constant" ? node.use(v) : v.name;
}

/** A matrix with rows and columns exchanged. */
function turned(node: NodeContext, v: Operand, part: string): Operand {
  const shape = [...v.shape].reverse();
  const perm = [1, 0];
  if (v.kind === "tensor") return node.emitHelper(part, { kind: "transpose", perm }, [v.name], shape);
  const name = node.weight(part, shape, transposeData(v.data, v.shape, perm));
  return { ...v, name, shape, data: node.state.tensors.get(name)?.data ?? v.data };
}

/** The matrix as [OC, K] times `alpha`. */
export function denseWeights(
  node: NodeContext,
  b: ConstantValue,
  transposed: boolean,
  alpha: number,
): string {
  const [k, oc] = (transposed ? [...b.shape].reverse() : b.shape) as [number, number];
  const rows = transposed ? b.data : transposeData(b.data, b.shape, [1, 0]);
  return node.weight("weights", [oc, k], alpha === 1 ? rows.slice() : rows.map((v) => v * alpha));
}

/** C as one bias for each column, if it is constant and a scalar, [OC], [1,OC] or [1,1]. */
function biasOf(node: NodeContext, c: Operand, oc: number, beta: number): string | undefined {
  const [height, width] = c.shape.length === 2 ? c.shape : [1, c.shape[0] ?? 1];
  if (c.kind === "tensor" || height !== 1 || (width !== 1 && width !== oc)) return undefined;
  if (c.shape.length === 1 && width === oc && beta === 1) return node.use(c);
  const bias = Float32Array.from({ length: oc }, (_, o) => (c.data[width === 1 ? 0 : o] as number) * beta);
  return node.weight("bias", [oc], bias);
}

export const matrixOperators = [gemm, matMul] as const;
