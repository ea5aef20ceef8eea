import { type Input, type Output, range, type Sizes } from "../../language/kernel.ts";
import { type Ending, ending, residualAt } from "../epilogue/epilogue.kernel.ts";

export type MatmulSizes = Sizes<"P Q M N K AP AQ BP BQ RP RQ RM RN SCALE PA QA PB QB PR QR MR NR"> & Ending;

/**
 * Products of matrices, y = SCALE * (a x b), then a residual, an activation, a clamp (ONNX MatMul-13 and Gemm-13). Batches are
 * two dimensions: AP, AQ, BP and BQ are 1 where an operand has a matrix for each of them, 0 where it is spread, its extent
 * PA, QA, PB or QB then being 1; RP, RQ, RM and RN say the same of the residual. a: [PA, QA, M, K], b: [PB, QB, K, N].
 */
export function matmul(
  { P, Q, M, N, K, AP, AQ, BP, BQ, RP, RQ, RM, RN, SCALE, ...EPILOGUE }: MatmulSizes,
  a: Input<["PA", "QA", "M", "K"]>,
  b: Input<["PB", "QB", "K", "N"]>,
  r: Input<["PR", "QR", "MR", "NR"]>,
  y: Output<["P", "Q", "M", "N"]>,
): void {
  for (const p of range(P)) {
    for (const q of range(Q)) {
      for (const m of range(M)) {
        for (const n of range(N)) {
          let acc = 0;
          for (const k of range(K)) {
            acc += a[p * AP][q * AQ][m][k] * b[p * BP][q * BQ][k][n];
          }
          const sum = SCALE === 1 ? acc : acc * SCALE;
          const residual = residualAt(r, p * RP, q * RQ, m * RM, n * RN, EPILOGUE);
          y[p][q][m][n] = ending(sum, residual, 0, EPILOGUE);
        }
      }
    }
  }
}
