import { type Input, type Output, range, register, stack, type Weight } from "../../language/kernel.ts";
import { biasOf, ending, residualOf, slopeOf } from "../epilogue/epilogue.kernel.ts";
import { points6 } from "./transforms.kernel.ts";
import type { WinogradSizes } from "./winograd2.kernel.ts";

/**
 * Grouped 3x3 convolution, stride 1, by Winograd's F(4x4, 3x3) inside each group (Lavin and Gray 2016): tiles of
 * 6x6 inputs become 36 points, the points are multiplied by the transformed weights `u`, and each 36 sums become
 * 4x4 outputs. Tiles are worked on in blocks of TR x TC, RB x CB of them.
 * `x` holds its padding and reaches to the last tile: IH = 4*RB*TR + 2; y and r are 4*RB*TR x 4*CB*TC.
 * u: [G, 36, OC, IC], points row by row.
 */
export function winograd4(
  { N, G, OC, IC, RB, TR, CB, TC, VC, ...EPILOGUE }: WinogradSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", 36, "OC", "IC"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const rb of range(RB)) {
        for (const cb of range(CB)) {
          const v = stack([TR, TC, 36, VC]);
          const m = stack([TR, TC, 36, OC]);
          for (const tr of range(TR)) {
            for (const tc of range(TC)) {
              for (const ci of range(IC)) {
                const p = register([4, 6]);
                const less = register([6]);
                const more = register([6]);
                const first = register([6]);
                const last = register([6]);
                for (const j of range(4)) {
                  points6(
                    x[n][g][ci][(rb * TR + tr) * 4][(cb * TC + tc) * 4 + j + 1],
                    x[n][g][ci][(rb * TR + tr) * 4 + 1][(cb * TC + tc) * 4 + j + 1],
                    x[n][g][ci][(rb * TR + tr) * 4 + 2][(cb * TC + tc) * 4 + j + 1],
                    x[n][g][ci][(rb * TR + tr) * 4 + 3][(cb * TC + tc) * 4 + j + 1],
                    x[n][g][ci][(rb * TR + tr) * 4 + 4][(cb * TC + tc) * 4 + j + 1],
                    x[n][g][ci][(rb * TR + tr) * 4 + 5][(cb * TC + tc) * 4 + j + 1],
                    5,
                    p[j],
                  );
                }
                for (const i of range(6)) {
                  const even = p[3][i] - p[1][i];
                  const odd = p[2][i] - p[0][i];
                  v[tr][tc][i * 6 + 3][ci] = even + (odd + odd);
                  v[tr][tc][i * 6 + 4][ci] = even - (odd + odd);
                  v[tr][tc][i * 6 + 1][ci] = p[3][i] - 4 * p[1][i] + (p[2][i] - 4 * p[0][i]);
                  v[tr][tc][i * 6 + 2][ci] = p[3][i] - 4 * p[1][i] - (p[2][i] - 4 * p[0][i]);
                  more[i] = even - 4 * p[1][i];
                  less[i] = p[2][i] + 4 * odd;
                }
                points6(
                  x[n][g][ci][(rb * TR + tr) * 4][(cb * TC + tc) * 4],
                  x[n][g][ci][(rb * TR + tr) * 4 + 1][(cb * TC + tc) * 4],
                  x[n][g][ci][(rb * TR + tr) * 4 + 2][(cb * TC + tc) * 4],
                  x[n][g][ci][(rb * TR + tr) * 4 + 3][(cb * TC + tc) * 4],
                  x[n][g][ci][(rb * TR + tr) * 4 + 4][(cb * TC + tc) * 4],
                  x[n][g][ci][(rb * TR + tr) * 4 + 5][(cb * TC + tc) * 4],
                  5,
                  first,
                );
                points6(
                  x[n][g][ci][(rb * TR + tr) * 4][(cb * TC + tc) * 4 + 5],
                  x[n][g][ci][(rb * TR + tr) * 4 + 1][(cb * TC + tc) * 4 + 5],
                  x[n][g][ci][(rb * TR + tr) * 4 + 2][(cb * TC + tc) * 4 + 5],
                  x[n][g][ci][(rb * TR + tr) * 4 + 3][(cb * TC + tc) * 4 + 5],
                  x[n][g][ci][(rb * TR + tr) * 4 + 4][(cb * TC + tc) * 4 + 5],
                  x[n][g][ci][(rb * TR + tr) * 4 + 5][(cb * TC + tc) * 4 + 5],
                  5,
                  last,
                );
                for (const h of range(6)) {
                  v[tr][tc][h * 6][ci] = more[h] + 4 * first[h];
                  v[tr][tc][h * 6 + 5][ci] = last[h] - less[h];
                }
              }
            }
          }
          for (const k of range(36)) {
            for (const mr of range(TR)) {
              for (const mc of range(TC)) {
                for (const oc of range(OC)) {
                  let acc = 0;
                  for (const ic of range(IC)) {
                    acc += v[mr][mc][k][ic] * u[g][k][oc][ic];
                  }
                  m[mr][mc][k][oc] = acc;
                }
              }
            }
          }
          for (const qr of range(TR)) {
            for (const qc of range(TC)) {
              for (const co of range(OC)) {
                const q = register([6, 4]);
                for (const i of range(6)) {
                  const sum12 = m[qr][qc][i * 6 + 1][co] + m[qr][qc][i * 6 + 2][co];
                  const dif12 = m[qr][qc][i * 6 + 1][co] - m[qr][qc][i * 6 + 2][co];
                  const sum34 = m[qr][qc][i * 6 + 3][co] + m[qr][qc][i * 6 + 4][co];
                  const dif34 = m[qr][qc][i * 6 + 3][co] - m[qr][qc][i * 6 + 4][co];
                  q[i][3] = m[qr][qc][i * 6 + 5][co] + dif12 + 8 * dif34;
                  q[i][1] = dif12 + 2 * dif34;
                  q[i][0] = m[qr][qc][i * 6][co] + sum12 + sum34;
                  q[i][2] = sum12 + 4 * sum34;
                }
                for (const l of range(4)) {
                  const sum12 = q[1][l] + q[2][l];
                  const dif12 = q[1][l] - q[2][l];
                  const sum34 = q[3][l] + q[4][l];
                  const dif34 = q[3][l] - q[4][l];
                  const oh = (rb * TR + qr) * 4;
                  const ow = (cb * TC + qc) * 4 + l;
                  const bias = biasOf(b, g, co, EPILOGUE);
                  const y3 = bias + (q[5][l] + dif12 + 8 * dif34);
                  const y1 = bias + (dif12 + 2 * dif34);
                  const y0 = bias + (q[0][l] + sum12 + sum34);
                  const y2 = bias + (sum12 + 4 * sum34);
                  const r0 = residualOf(r, n, g, co, oh, ow, EPILOGUE);
                  const r1 = residualOf(r, n, g, co, oh + 1, ow, EPILOGUE);
                  const r2 = residualOf(r, n, g, co, oh + 2, ow, EPILOGUE);
                  const r3 = residualOf(r, n, g, co, oh + 3, ow, EPILOGUE);
                  const slope = slopeOf(a, g, co, EPILOGUE);
                  y[n][g][co][oh + 3][ow] = ending(y3, r3, slope, EPILOGUE);
                  y[n][g][co][oh + 1][ow] = ending(y1, r1, slope, EPILOGUE);
                  y[n][g][co][oh][ow] = ending(y0, r0, slope, EPILOGUE);
                  y[n][g][co][oh + 2][ow] = ending(y2, r2, slope, EPILOGUE);
                }
              }
            }
          }
        }
      }
    }
  }
}
