import { NO_CLAMP } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { type ConstantValue, elementCount, shapeText } from "../value.ts";

/** Gemm: alpha * A' * B' + beta * C with A an activation and B, C constant, all folded into weights [OC,K]. */
const gemm = operator("Gemm", (node, { alpha, beta, transA, transB }) => {
  const a = node.tensor(0);
  const b = node.constant(1, "matrix B");
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    node.invalid(`it multiplies ${shapeText(a.shape)} by ${shapeText(b.shape)}`);
  }
  const x = transA
    ? node.emitHelper("a", { kind: "transpose", perm: [1, 0] }, [a.name], [...a.shape].reverse())
    : a;
  const [rows, k] = x.shape as [number, number];
  const [oc, bk] = (transB ? b.shape : [b.shape[1], b.shape[0]]) as [number, number];
  if (bk !== k) node.invalid(`it multiplies ${shapeText(x.shape)} by a matrix of ${bk} rows`);
  const w = transB && alpha === 1 ? node.use(b) : node.weight("weights", [oc, k], rowsOf(b, transB, alpha));
  const c = node.optional(2) === undefined ? undefined : node.constant(2, "matrix C");
  const inputs = [x.name, w];
  if (c !== undefined) inputs.push(biasOf(node, c, { rows, oc, beta }));
  node.emit({ kind: "dense", bias: c !== undefined, clamp: NO_CLAMP }, inputs, [rows, oc]);
});

/** MatMul of an activation [..., K] and a constant matrix [K, OC]. */
const matMul = operator("MatMul", (node) => {
  const x = node.tensor(0);
  const b = node.constant(1, "right-hand matrix");
  const k = x.shape.at(-1) ?? 1;
  if (b.shape.length !== 2 || x.shape.length < 2) {
    node.unsupported(
      `${shapeText(x.shape)} times ${shapeText(b.shape)}: only [..., K] times a matrix [K, OC]`,
    );
  }
  if (b.shape[0] !== k) node.invalid(`it multiplies ${shapeText(x.shape)} by ${shapeText(b.shape)}`);
  const oc = b.shape[1] as number;
  const w = node.weight("weights", [oc, k], rowsOf(b, false, 1));
  const dense = { kind: "dense", bias: false, clamp: NO_CLAMP } as const;
  if (x.shape.length === 2) {
    node.emit(dense, [x.name, w], [x.shape[0] as number, oc]);
    return;
  }
  const rows = elementCount(x.shape.slice(0, -1));
  const flat = node.emitHelper("flat", { kind: "reshape" }, [x.name], [rows, k]);
  const product = node.emitHelper("product", dense, [flat.name, w], [rows, oc]);
  node.emit({ kind: "reshape" }, [product.name], [...x.shape.slice(0, -1), oc]);
});

/** The matrix as [OC, K] times `alpha`. */
function rowsOf(b: ConstantValue, transposed: boolean, alpha: number): Float32Array {
  if (transposed) return b.data.map((v) => v * alpha);
  const [k, oc] = b.shape as [number, number];
  const out = new Float32Array(k * oc);
  for (let i = 0; i < k; i++) {
    for (let o = 0; o < oc; o++) out[o * k + i] = (b.data[i * oc + o] as number) * alpha;
  }
  return out;
}

/** C as one bias per output channel: it may be a scalar, [OC], [1,OC], or [1,1]. */
function biasOf(node: NodeContext, c: ConstantValue, of: { rows: number; oc: number; beta: number }): string {
  const [height, width] = c.shape.length === 2 ? c.shape : [1, c.shape[0] ?? 1];
  if (c.shape.length > 2 || height !== 1 || (width !== 1 && width !== of.oc)) {
    node.unsupported(
      `matrix C of shape ${shapeText(c.shape)}: only one bias per output channel is supported`,
    );
  }
  if (c.shape.length === 1 && width === of.oc && of.beta === 1) return node.use(c);
  const bias = Float32Array.from(
    { length: of.oc },
    (_, o) => (c.data[width === 1 ? 0 : o] as number) * of.beta,
  );
  return node.weight("bias", [of.oc], bias);
}

export const matrixOperators = [gemm, matMul] as const;
