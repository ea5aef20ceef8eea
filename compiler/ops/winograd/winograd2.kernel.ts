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

/**
 * The sizes of all kernels of Winograd. ROWS and COLUMNS: those of the output that someone asked for; VC: channels that there is room
 * for in the points of inputs, more than there are where the points of a tile would fall into few sets of a cache.
 */
export type WinogradSizes = Sizes<"N G OC IC RB TR CB TC VC IH IW OH OW", "ROWS COLUMNS"> & Epilogue;

/**
 * Grouped 3x3 convolution, stride 1, by Winograd's F(2x2, 3x3) inside each group (Lavin and Gray 2016; points 0, 1, -1
 * and infinity): tiles of 4x4 inputs become 16 points, the points are multiplied by the transformed weights `u`, and each
 * 16 sums become 2x2 outputs. Its transforms only add and subtract, so it rounds hardly more than the plain sum.
 * `x` holds its padding and reaches to the last tile: IH = 2*RB*TR + 2; y and r are 2*RB*TR x 2*CB*TC.
 * u: [G, 4, 4, OC, IC].
 */
export function winograd2(
  { N, G, OC, IC, RB, TR, CB, TC, VC, ...EPILOGUE }: WinogradSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", 4, 4, "OC", "IC"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const rb of range(RB)) {
        for (const cb of range(CB)) {
          const v = stack([TR, TC, VC, 4, 4]);
          const m = stack([TR, TC, OC, 4, 4]);
          for (const tr of range(TR)) {
            for (const tc of range(TC)) {
              for (const ci of range(IC)) {
                const p = register([4, 4]);
                for (const j of range(4)) {
                  points(
                    x[n][g][ci][(rb * TR + tr) * 2][(cb * TC + tc) * 2 + j],
                    x[n][g][ci][(rb * TR + tr) * 2 + 1][(cb * TC + tc) * 2 + j],
                    x[n][g][ci][(rb * TR + tr) * 2 + 2][(cb * TC + tc) * 2 + j],
                    x[n][g][ci][(rb * TR + tr) * 2 + 3][(cb * TC + tc) * 2 + j],
                    p[j],
                  );
                }
                for (const i of range(4)) {
                  points(p[0][i], p[1][i], p[2][i], p[3][i], v[tr][tc][ci][i]);
                }
              }
            }
          }
          for (const ky of range(4)) {
            for (const kx of range(4)) {
              for (const mr of range(TR)) {
                for (const mc of range(TC)) {
                  for (const oc of range(OC)) {
                    let acc = 0;
                    for (const ic of range(IC)) {
                      acc += v[mr][mc][ic][ky][kx] * u[g][ky][kx][oc][ic];
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
                const q = register([4, 2]);
                for (const s of range(4)) {
                  outputs(
                    m[qr][qc][co][s][0],
                    m[qr][qc][co][s][1],
                    m[qr][qc][co][s][2],
                    m[qr][qc][co][s][3],
                    q[s],
                  );
                }
                for (const l of range(2)) {
                  const column = register([2]);
                  outputs(q[0][l], q[1][l], q[2][l], q[3][l], column);
                  for (const t of range(2)) {
                    const oh = (rb * TR + qr) * 2 + t;
                    const ow = (cb * TC + qc) * 2 + l;
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

/** Four points of four inputs of a row or column. */
function points(d0: number, d1: number, d2: number, d3: number, to: Output<[4]>): void {
  to[0] = d0 - d2;
  to[1] = d1 + d2;
  to[2] = d2 - d1;
  to[3] = d1 - d3;
}

/** Two outputs of the four products of a row or column. */
function outputs(m0: number, m1: number, m2: number, m3: number, to: Output<[2]>): void {
  to[0] = m0 + m1 + m2;
  to[1] = m1 - m2 - m3;
}
