import {
  type Input,
  type Output,
  range,
  type Sizes,
  sqrt,
  stack,
  type Weight,
} from "../../language/kernel.ts";
import { type Ending, ending } from "../epilogue/epilogue.kernel.ts";

/**
 * Each row with its mean taken off and divided by its standard deviation, then scaled and shifted, an activation, a clamp (ONNX
 * LayerNormalization-17): L parts of a row are summed side by side, then with each other. K is L * DL + DR. ROWS: rows have a scale
 * and a shift each, ROWS of them in turn (ONNX InstanceNormalization-6). x, y: [M, K], s, t: [S], S being ROWS or K.
 */
export function layerNorm(
  { M, K, L, DL, DR, EPS, ROWS = 0, ...EPILOGUE }: Sizes<"M K L DL DR EPS S", "ROWS"> & Ending,
  x: Input<["M", "K"]>,
  s: Weight<["S"]>,
  t: Weight<["S"]>,
  y: Output<["M", "K"]>,
): void {
  for (const m of range(M)) {
    const sums = stack([L]);
    for (const l of range(L)) {
      let part = 0;
      for (const a of range(DL)) {
        part += x[m][a * L + l];
      }
      sums[l] = part;
    }
    let sum = 0;
    for (const p of range(L)) {
      sum += sums[p];
    }
    for (const r of range(DR)) {
      sum += x[m][DL * L + r];
    }
    const mean = sum * (1 / K);
    const squares = stack([L]);
    for (const l of range(L)) {
      let square = 0;
      for (const b of range(DL)) {
        const d = x[m][b * L + l] - mean;
        square += d * d;
      }
      squares[l] = square;
    }
    let all = 0;
    for (const p of range(L)) {
      all += squares[p];
    }
    for (const r of range(DR)) {
      const d = x[m][DL * L + r] - mean;
      all += d * d;
    }
    const gain = 1 / sqrt(all * (1 / K) + EPS);
    for (const k of range(K)) {
      const v = (x[m][k] - mean) * gain;
      const scaled = ROWS ? v * s[m % ROWS] + t[m % ROWS] : v * s[k] + t[k];
      y[m][k] = ending(scaled, 0, 0, EPILOGUE);
    }
  }
}
