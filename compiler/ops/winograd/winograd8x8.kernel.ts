import {
  type Input,
  type Output,
  range,
  register,
  type Sizes,
  stack,
  type Weight,
} from "../../language/kernel.ts";
import { biased, ending, residualOf, slopeOf } from "../epilogue/epilogue.kernel.ts";
import type { WinogradSizes } from "./winograd2.kernel.ts";

/** Those of this kernel: T outputs along a side of a tile, stride S, P = S*S phases, RC of the IC channels that are not empty. */
export type PhasedSizes = WinogradSizes & Sizes<"T S P RC", "KH KW">;

/**
 * Grouped convolution by Winograd's algorithm with 8x8 points inside each group (Lavin and Gray 2016; points 0, 1, -1, 2, -2,
 * 1/2, -1/2 and infinity): F(6x6, 3x3), F(4x4, 5x5) and all others with T + taps = 9. Tiles of 8x8 inputs become 64 points, the
 * points are multiplied by the transformed weights `u`, and each 64 sums become TxT outputs.
 * With a stride of S the input is S x S images of every S-th row and column, its phases, whose points lie side by side as channels:
 * each is convolved with every S-th weight. Channels from RC on only fill vectors, and take part in nothing.
 * `x` holds its padding and reaches to the last tile: IH = S*(T*RB*TR + 8 - T); y and r are T*RB*TR x T*CB*TC.
 * u: [G, 8, 8, OC, P, RC].
 */
export function winograd8x8(
  { N, G, OC, IC, RB, TR, CB, TC, T, S, P, RC, VC, ...EPILOGUE }: PhasedSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", 8, 8, "OC", "P", "RC"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const rb of range(RB)) {
        for (const cb of range(CB)) {
          const v = stack([TR, TC, VC, 8, 8]);
          const m = stack([TR, TC, OC, 8, 8]);
          for (const tr of range(TR)) {
            for (const tc of range(TC)) {
              for (const py of range(S)) {
                for (const px of range(S)) {
                  for (const ci of range(IC)) {
                    const p = stack([8, 8]);
                    for (const j of range(8)) {
                      points(
                        x[n][g][ci][(rb * TR + tr) * T * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 1) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 2) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 3) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 4) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 5) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 6) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 7) * S + py][((cb * TC + tc) * T + j) * S + px],
                        p[j],
                      );
                    }
                    for (const i of range(8)) {
                      points(
                        p[0][i],
                        p[1][i],
                        p[2][i],
                        p[3][i],
                        p[4][i],
                        p[5][i],
                        p[6][i],
                        p[7][i],
                        v[tr][tc][(py * S + px) * IC + ci][i],
                      );
                    }
                  }
                }
              }
            }
          }
          for (const ky of range(8)) {
            for (const kx of range(8)) {
              for (const mr of range(TR)) {
                for (const mc of range(TC)) {
                  for (const oc of range(OC)) {
                    let acc = 0;
                    for (const f of range(P)) {
                      for (const ic of range(RC)) {
                        acc += v[mr][mc][f * IC + ic][ky][kx] * u[g][ky][kx][oc][f][ic];
                      }
                    }
                    m[mr][mc][oc][ky][kx] = acc;
                  }
                }
              }
            }
          }
          for (const qr of range(TR)) {
            for (const qc of range(TC)) {
              for (const co of range(OC)) {
                const q = stack([8, T]);
                for (const s of range(8)) {
                  outputs(
                    m[qr][qc][co][s][0],
                    m[qr][qc][co][s][1],
                    m[qr][qc][co][s][2],
                    m[qr][qc][co][s][3],
                    m[qr][qc][co][s][4],
                    m[qr][qc][co][s][5],
                    m[qr][qc][co][s][6],
                    m[qr][qc][co][s][7],
                    T,
                    q[s],
                  );
                }
                for (const l of range(T)) {
                  const column = register([T]);
                  outputs(q[0][l], q[1][l], q[2][l], q[3][l], q[4][l], q[5][l], q[6][l], q[7][l], T, column);
                  for (const t of range(T)) {
                    const oh = (rb * TR + qr) * T + t;
                    const ow = (cb * TC + qc) * T + l;
                    const sum = biased(column[t], b, g, co, EPILOGUE);
                    const residual = residualOf(r, n, g, co, oh, ow, EPILOGUE);
                    y[n][g][co][oh][ow] = ending(sum, residual, slopeOf(a, g, co, EPILOGUE), EPILOGUE);
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

/** Eight points of eight inputs in a row or column. */
function points(
  d0: number,
  d1: number,
  d2: number,
  d3: number,
  d4: number,
  d5: number,
  d6: number,
  d7: number,
  to: Output<[8]>,
): void {
  to[0] = d0 - d6 + 5.25 * (d4 - d2);
  to[7] = d7 - d1 + 5.25 * (d3 - d5);
  const even1 = d2 + d6 - 4.25 * d4;
  const odd1 = d1 + d5 - 4.25 * d3;
  to[1] = even1 + odd1;
  to[2] = even1 - odd1;
  const even2 = d6 - 1.25 * d4 + 0.25 * d2;
  const odd2 = 0.5 * d1 + 2 * d5 - 2.5 * d3;
  to[3] = even2 + odd2;
  to[4] = even2 - odd2;
  const even3 = d6 - 5 * d4 + 4 * d2;
  const odd3 = 0.5 * d5 + 2 * d1 - 2.5 * d3;
  to[5] = even3 + odd3;
  to[6] = even3 - odd3;
}

/** T outputs, 2 to 7, of the eight products of a row or column. */
function outputs(
  m0: number,
  m1: number,
  m2: number,
  m3: number,
  m4: number,
  m5: number,
  m6: number,
  m7: number,
  T: number,
  to: Output<["T"]>,
): void {
  const sum1 = m1 + m2;
  const sum2 = m3 + m4;
  const sum3 = m5 + m6;
  to[0] = m0 + sum1 + sum2 + 32 * sum3;
  if (T > 2) to[2] = (T === 3 ? m7 + sum1 : sum1) + 4 * sum2 + 8 * sum3;
  if (T > 4) to[4] = (T === 5 ? m7 + sum1 : sum1) + 16 * sum2 + 2 * sum3;
  if (T > 6) to[6] = m7 + sum1 + 64 * sum2 + 0.5 * sum3;
  const dif1 = m1 - m2;
  const dif2 = m3 - m4;
  const dif3 = m5 - m6;
  to[1] = (T === 2 ? m7 + dif1 : dif1) + 2 * dif2 + 16 * dif3;
  if (T > 3) to[3] = (T === 4 ? m7 + dif1 : dif1) + 8 * dif2 + 4 * dif3;
  if (T > 5) to[5] = (T === 6 ? m7 + dif1 : dif1) + 32 * dif2 + dif3;
}
