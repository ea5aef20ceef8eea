import {
  type Input,
  type Output,
  range,
  register,
  type Sizes,
  stack,
  type Weight,
} from "../../language/kernel.ts";
import { biased, type Epilogue, ending, residualOf, slopeOf } from "../epilogue/epilogue.kernel.ts";
import { outputs, points } from "./transforms.kernel.ts";
import type { WinogradSizes } from "./winograd2.kernel.ts";

/**
 * Those of kernels with more points than registers hold: T outputs along a side of a tile, stride S, P = S*S phases, RC of the IC
 * channels that are not empty.
 */
export type PhasedSizes = WinogradSizes & Sizes<"T S P RC", "KH KW">;

/**
 * Grouped convolution by Winograd's algorithm inside each group (Lavin and Gray 2016), tiles of A x A inputs, 6, 7 or 8: F(6x6, 3x3),
 * F(4x4, 5x5) and all others with T + taps = A + 1. The inputs of a tile become A*A points, which are multiplied by the transformed
 * weights `u`, and the sums become TxT outputs. Points are 0, 1, -1, 2, -2, 1/2, of 8 also -1/2, and infinity;
 * of 6, which are for f16, 0, the roots of 1/2 and 2 with either sign, and infinity.
 * With a stride of S the input is S x S images of every S-th row and column, its phases, whose points lie side by side as channels:
 * each is convolved with every S-th weight. Channels from RC on only fill vectors, and take part in nothing.
 * `x` holds its padding and reaches to the last tile: IH = S*(T*RB*TR + A - T); y and r are T*RB*TR x T*CB*TC.
 * u: [G, A, A, OC, P, RC].
 */
export function byLargeTiles(
  { N, G, OC, IC, RB, TR, CB, TC, T, S, P, RC, VC, A }: Sizes<"N G OC IC RB TR CB TC T S P RC VC A">,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", "A", "A", "OC", "P", "RC"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
  { ...EPILOGUE }: Epilogue,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const rb of range(RB)) {
        for (const cb of range(CB)) {
          const v = stack([TR, TC, VC, A, A]);
          const m = stack([TR, TC, OC, A, A]);
          for (const tr of range(TR)) {
            for (const tc of range(TC)) {
              for (const py of range(S)) {
                for (const px of range(S)) {
                  for (const ci of range(IC)) {
                    const p = stack([A, A]);
                    for (const j of range(A)) {
                      points(
                        x[n][g][ci][(rb * TR + tr) * T * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 1) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 2) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 3) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 4) * S + py][((cb * TC + tc) * T + j) * S + px],
                        x[n][g][ci][((rb * TR + tr) * T + 5) * S + py][((cb * TC + tc) * T + j) * S + px],
                        A > 6
                          ? x[n][g][ci][((rb * TR + tr) * T + 6) * S + py][((cb * TC + tc) * T + j) * S + px]
                          : 0,
                        A > 7
                          ? x[n][g][ci][((rb * TR + tr) * T + 7) * S + py][((cb * TC + tc) * T + j) * S + px]
                          : 0,
                        A,
                        p[j],
                      );
                    }
                    for (const i of range(A)) {
                      points(
                        p[0][i],
                        p[1][i],
                        p[2][i],
                        p[3][i],
                        p[4][i],
                        p[5][i],
                        A > 6 ? p[6][i] : 0,
                        A > 7 ? p[7][i] : 0,
                        A,
                        v[tr][tc][(py * S + px) * IC + ci][i],
                      );
                    }
                  }
                }
              }
            }
          }
          for (const ky of range(A)) {
            for (const kx of range(A)) {
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
                const q = stack([A, T]);
                for (const s of range(A)) {
                  outputs(
                    m[qr][qc][co][s][0],
                    m[qr][qc][co][s][1],
                    m[qr][qc][co][s][2],
                    m[qr][qc][co][s][3],
                    m[qr][qc][co][s][4],
                    m[qr][qc][co][s][5],
                    A > 6 ? m[qr][qc][co][s][6] : 0,
                    A > 7 ? m[qr][qc][co][s][7] : 0,
                    A,
                    T,
                    q[s],
                  );
                }
                for (const l of range(T)) {
                  const column = register([T]);
                  outputs(
                    q[0][l],
                    q[1][l],
                    q[2][l],
                    q[3][l],
                    q[4][l],
                    q[5][l],
                    A > 6 ? q[6][l] : 0,
                    A > 7 ? q[7][l] : 0,
                    A,
                    T,
                    column,
                  );
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
