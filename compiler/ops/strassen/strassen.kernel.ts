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
import { inputSums, outputSums } from "./transforms.kernel.ts";

/**
 * The sizes of a convolution by halves: HIC input and HOC output channels of a group's half, RC = KH*KW*HIC of a window that are summed,
 * RB x CB blocks of TR x TC pairs of pixels. ROWS: those of the output that someone asked for.
 */
export type StrassenSizes = Sizes<
  "N G OC IC HOC HIC RC RB TR CB TC KH KW SH SW DH DW VC IH IW OH OW",
  "ROWS COLUMNS"
> &
  Epilogue;

/**
 * Grouped convolution by Strassen's algorithm inside each group, in the form of Winograd with 15 additions (Strassen 1969; Knuth,
 * The Art of Computer Programming, section 4.6.4, exercise 35): weights are a matrix of 2x2 blocks, halves of the output channels by
 * halves of the input channels, inputs one of halves of the channels by neighbouring pixels of a row. Seven products of blocks take
 * the place of eight: of the inputs' sums `v` and the weights' sums `u`, made when the network is compiled.
 * A window of several pixels is one of as many times the channels, those of a half in the order [KH, KW, HIC]. Windows lie SH rows and SW
 * columns apart. `x`: IH = (OH-1)*SH + (KH-1)*DH + 1, IW = (OW-1)*SW + (KW-1)*DW + 1; y and r are RB*TR x 2*CB*TC. u: [G, 7, HOC, RC].
 */
export function strassen(
  { N, G, HOC, HIC, RC, RB, TR, CB, TC, KH, KW, SH, SW, DH, DW, VC, ...EPILOGUE }: StrassenSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", 7, "HOC", "RC"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const rb of range(RB)) {
        for (const cb of range(CB)) {
          const v = stack([TR, TC, VC, 7]);
          for (const tr of range(TR)) {
            for (const tc of range(TC)) {
              for (const kh of range(KH)) {
                for (const kw of range(KW)) {
                  for (const ci of range(HIC)) {
                    const d = register([2, 2]);
                    for (const i of range(2)) {
                      for (const p of range(2)) {
                        const row = (rb * TR + tr) * SH + kh * DH;
                        d[i][p] = x[n][g][i * HIC + ci][row][((cb * TC + tc) * 2 + p) * SW + kw * DW];
                      }
                    }
                    inputSums(d[0][0], d[0][1], d[1][0], d[1][1], v[tr][tc][(kh * KW + kw) * HIC + ci]);
                  }
                }
              }
            }
          }
          const m = stack([TR, TC, HOC, 7]);
          for (const k of range(7)) {
            for (const mr of range(TR)) {
              for (const mc of range(TC)) {
                for (const oc of range(HOC)) {
                  let acc = 0;
                  for (const ic of range(RC)) {
                    acc += v[mr][mc][ic][k] * u[g][k][oc][ic];
                  }
                  m[mr][mc][oc][k] = acc;
                }
              }
            }
          }
          for (const qr of range(TR)) {
            for (const qc of range(TC)) {
              for (const co of range(HOC)) {
                const q = register([2, 2]);
                outputSums(m[qr][qc][co], q);
                for (const h of range(2)) {
                  for (const j of range(2)) {
                    const oc = h * HOC + co;
                    const oh = rb * TR + qr;
                    const ow = (cb * TC + qc) * 2 + j;
                    const all = biased(q[h][j], b, g, oc, EPILOGUE);
                    const residual = residualOf(r, n, g, oc, oh, ow, EPILOGUE);
                    y[n][g][oc][oh][ow] = ending(all, residual, slopeOf(a, g, oc, EPILOGUE), EPILOGUE);
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
