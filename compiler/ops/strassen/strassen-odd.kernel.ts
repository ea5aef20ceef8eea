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
 * The sizes of a convolution by halves of a map with an odd number of rows and of columns, as one block: RP pairs of rows, CP pairs
 * of columns of the last one, and the last pixel, TC pairs together; TR is 1.
 */
export type StrassenOddSizes = Sizes<
  "N G OC IC HOC HIC RC TR TC RP CP KH KW SH SW DH DW VC IH IW OH OW",
  "ROWS COLUMNS"
> &
  Epilogue;

/**
 * Grouped convolution by Strassen's algorithm (strassen.kernel.ts) of a map that cannot be cut into pairs of neighbours in a row: pixels
 * of two rows below each other, those of the last row side by side, and the last of all as a pair with itself.
 * `x` and u as there; OH = 2*RP + 1, OW = 2*CP + 1, TC = RP*OW + CP + 1.
 */
export function strassenOdd(
  { N, G, HOC, HIC, RC, TR, TC, RP, CP, KH, KW, SH, SW, DH, DW, VC, OW, ...EPILOGUE }: StrassenOddSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", 7, "HOC", "RC"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      const v = stack([TR, TC, VC, 7]);
      for (const tr of range(RP)) {
        for (const tc of range(OW)) {
          for (const kh of range(KH)) {
            for (const kw of range(KW)) {
              for (const ci of range(HIC)) {
                const d = register([2, 2]);
                for (const i of range(2)) {
                  for (const p of range(2)) {
                    d[i][p] = x[n][g][i * HIC + ci][(2 * tr + p) * SH + kh * DH][tc * SW + kw * DW];
                  }
                }
                const to = (kh * KW + kw) * HIC + ci;
                inputSums(d[0][0], d[0][1], d[1][0], d[1][1], v[0][tr * OW + tc][to]);
              }
            }
          }
        }
      }
      for (const te of range(CP)) {
        for (const eh of range(KH)) {
          for (const ew of range(KW)) {
            for (const ce of range(HIC)) {
              const e = register([2, 2]);
              for (const ie of range(2)) {
                for (const pe of range(2)) {
                  e[ie][pe] = x[n][g][ie * HIC + ce][2 * RP * SH + eh * DH][(2 * te + pe) * SW + ew * DW];
                }
              }
              const to = (eh * KW + ew) * HIC + ce;
              inputSums(e[0][0], e[0][1], e[1][0], e[1][1], v[0][RP * OW + te][to]);
            }
          }
        }
      }
      for (const tl of range(1)) {
        for (const lh of range(KH)) {
          for (const lw of range(KW)) {
            for (const cl of range(HIC)) {
              const l = register([2]);
              for (const il of range(2)) {
                l[il] = x[n][g][il * HIC + cl][2 * RP * SH + lh * DH][(2 * CP + tl) * SW + lw * DW];
              }
              const to = (lh * KW + lw) * HIC + cl;
              inputSums(l[0], l[0], l[1], l[1], v[0][RP * OW + CP + tl][to]);
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
      for (const co of range(HOC)) {
        for (const qr of range(RP)) {
          for (const qc of range(OW)) {
            const q = register([2, 2]);
            outputSums(m[0][qr * OW + qc][co], q);
            for (const h of range(2)) {
              for (const j of range(2)) {
                const oc = h * HOC + co;
                const oh = 2 * qr + j;
                const all = biased(q[h][j], b, g, oc, EPILOGUE);
                const residual = residualOf(r, n, g, oc, oh, qc, EPILOGUE);
                y[n][g][oc][oh][qc] = ending(all, residual, slopeOf(a, g, oc, EPILOGUE), EPILOGUE);
              }
            }
          }
        }
        for (const qe of range(CP)) {
          const f = register([2, 2]);
          outputSums(m[0][RP * OW + qe][co], f);
          for (const he of range(2)) {
            for (const je of range(2)) {
              const oc = he * HOC + co;
              const ow = 2 * qe + je;
              const all = biased(f[he][je], b, g, oc, EPILOGUE);
              const residual = residualOf(r, n, g, oc, 2 * RP, ow, EPILOGUE);
              y[n][g][oc][2 * RP][ow] = ending(all, residual, slopeOf(a, g, oc, EPILOGUE), EPILOGUE);
            }
          }
        }
        for (const ql of range(1)) {
          const z = register([2, 2]);
          outputSums(m[0][RP * OW + CP + ql][co], z);
          for (const hl of range(2)) {
            const oc = hl * HOC + co;
            const all = biased(z[hl][0], b, g, oc, EPILOGUE);
            const residual = residualOf(r, n, g, oc, 2 * RP, 2 * CP + ql, EPILOGUE);
            y[n][g][oc][2 * RP][2 * CP + ql] = ending(all, residual, slopeOf(a, g, oc, EPILOGUE), EPILOGUE);
          }
        }
      }
    }
  }
}
