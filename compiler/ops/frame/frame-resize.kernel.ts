import {
  type Indices,
  type Input,
  type Output,
  range,
  type Sizes,
  stack,
  type Weight,
} from "../../language/kernel.ts";

/**
 * A picture resized (see resample.kernel.ts), then as a network takes it (see frame.kernel.ts), in one pass. Its channels lie in P
 * planes of Q channels each, those of a plane pixel by pixel: P is 1 for x [N, IH, IW, C], Q is 1 for x [N, C, IH, IW]. Plane p is
 * PF + PS * p of x, channel q of it QF + QS * q. x: [N, P, IH, L = IW * Q], rows, rw: [RT = H * KH], columns, cw: [CT = W * KW], where
 * the pixels begin in a line, mean, scale: [C = P * Q], y: [N, C, H, W].
 */
export function frameResize(
  { N, P, Q, H, W, L, KH, KW, PF, PS, QF, QS }: Sizes<"N P Q H W L KH KW PF PS QF QS IH RT CT STARTS C">,
  x: Input<["N", "P", "IH", "L"]>,
  rows: Indices<["RT"], "IH">,
  rw: Weight<["RT"]>,
  columns: Indices<["CT"], "STARTS">,
  cw: Weight<["CT"]>,
  mean: Weight<["C"]>,
  scale: Weight<["C"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const p of range(P)) {
      for (const h of range(H)) {
        const line = stack([L]);
        for (const l of range(L)) {
          let sum = 0;
          for (const kh of range(KH)) {
            sum += x[n][PF + PS * p][rows[h * KH + kh]][l] * rw[h * KH + kh];
          }
          line[l] = sum;
        }
        for (const w of range(W)) {
          for (const q of range(Q)) {
            let acc = 0;
            for (const kw of range(KW)) {
              acc += line[columns[w * KW + kw] + QF + QS * q] * cw[w * KW + kw];
            }
            y[n][p * Q + q][h][w] = (acc - mean[p * Q + q]) * scale[p * Q + q];
          }
        }
      }
    }
  }
}
