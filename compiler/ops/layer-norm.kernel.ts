import { type Dims, type Input, type Output, range, sqrt, stack, type Weight } from "../language/kernel.ts";

/**
 * Each row with its mean taken off and divided by its standard deviation, then scaled and shifted (ONNX LayerNormalization-17): L
 * parts of a row are summed side by side, then with each other. K is L * DL + DR. x, y: [M, K], s, t: [K].
 */
export function layerNorm(
  { M, K, L, DL, DR, EPS }: Dims,
  x: Input<["M", "K"]>,
  s: Weight<["K"]>,
  t: Weight<["K"]>,
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
      y[m][k] = (x[m][k] - mean) * gain * s[k] + t[k];
    }
  }
}
