import { opCall } from "../../ops/op-call.ts";
import type { MatMul, Matrices } from "../graph.ts";
import { asSeen } from "../matrix-data.ts";
import type { EndingDims } from "./epilogue-dims.ts";
import { type NodeTask, type ParamBinding, weightBinding } from "./node-task.ts";
import { matrix } from "./operands.ts";

/** A product of matrices; `ending`: epilogue-dims.ts, `constant`: the contents of operand i where it is one. */
export function matmulTask(
  { a, b, y, r = y, scale, residual }: MatMul,
  ending: EndingDims,
  constant: (i: number) => Float32Array | undefined,
): NodeTask {
  const [P, Q, M, N] = y.shape;
  const K = a.shape[3];
  const [PA, QA] = a.shape;
  const [PB, QB] = b.shape;
  const [PR, QR, MR, NR] = residual === false ? [1, 1, 1, 1] : r.shape;
  const operand = (param: string, i: number, { shape, order }: Matrices): ParamBinding => {
    const data = constant(i);
    if (data !== undefined) return weightBinding(param, shape, () => asSeen({ shape, order }, data));
    return matrix(param, i, shape, order);
  };
  return {
    ...opCall("matmul", {
      ...{ P, Q, M, N, K, PA, QA, PB, QB, PR, QR, MR, NR },
      ...{ AP: moves(PA), AQ: moves(QA), BP: moves(PB), BQ: moves(QB) },
      ...{ RP: moves(PR), RQ: moves(QR), RM: moves(MR), RN: moves(NR) },
      SCALE: Math.fround(scale),
      ...ending,
    }),
    params: [
      operand("a", 0, a),
      operand("b", 1, b),
      residual === false ? { kind: "unused", param: "r" } : operand("r", 2, r),
      matrix("y", "output", y.shape, y.order),
    ],
    macs: P * Q * M * N * K,
  };
}

/** Whether an operand has an element of its own for each step along a dimension, as kernels take it. */
function moves(extent: number): number {
  return extent > 1 ? 1 : 0;
}
