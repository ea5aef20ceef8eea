import {
  f32,
  type Input,
  i32,
  type Output,
  range,
  roundI32,
  type Sizes,
  saturateI8,
  stack,
  type Weight,
  wrapI16,
} from "../../language/kernel.ts";
import { biased, type Epilogue, ending, residualOf, slopeOf } from "../epilogue/epilogue.kernel.ts";

/**
 * The sizes of a convolution of 8-bit numbers: RB blocks of TR rows of the output, VH rows and VW columns of numbers for each, which lie
 * PH rows and PW columns of the input apart: a window of one pixel needs no others between. Windows move by VSH and VSW of them.
 * What x holds are multiples of a step: INVERSE is 1 / step, OFFSET what a number of steps is more than its i8. The first PC of the
 * input's channels are multiplied: others are zeros that fill vectors. TERMS products, 2 or 4, are summed in 16 bits first, which must hold them
 * (int8-weights.ts): those of every second channel, as neighbours are in neighbouring lanes; PC is a multiple of twice as many. CP is 2, not 1,
 * where numbers of steps of the weights are more than those of u, by as many in each output channel: as many times the sum of a window's numbers is
 * added.
 */
export type Int8Sizes = Sizes<
  "N G OC IC IH IW OH OW KH KW SH DH DW RB TR VH VW PH PW VSH VSW PC CP INVERSE OFFSET",
  "ROWS COLUMNS TERMS"
> &
  Epilogue;

/**
 * Grouped convolution of numbers that are multiples of a step: numbers of steps are i8 again, their products are summed in i32, exactly.
 *
 * x: [N, G, IC, IH, IW], multiples of the step, a border of zeros included; u: [G, OC, KH, KW, PC] numbers of steps of the weights
 * less their shift; s: [G, OC] what one product of steps is; c: [G, CP, OC] what sums begin with: what the offset leaves out, OFFSET times the
 * sum of the weights' numbers, and maybe the bias as a number of s; then the shifts; y: [N, G, OC, OH, OW].
 */
export function int8Conv(
  {
    N,
    G,
    OC,
    IC,
    OW,
    KH,
    KW,
    SH,
    DH,
    DW,
    RB,
    TR,
    VH,
    VW,
    PH,
    PW,
    VSH,
    VSW,
    PC,
    CP,
    TERMS = 1,
    INVERSE,
    OFFSET,
    ...EPILOGUE
  }: Int8Sizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", "OC", "KH", "KW", "PC"], "i8">,
  s: Weight<["G", "OC"]>,
  c: Weight<["G", "CP", "OC"], "i32">,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const rb of range(RB)) {
        const v = stack([VH, VW, IC], "i8");
        for (const vh of range(VH)) {
          for (const vw of range(VW)) {
            for (const ci of range(IC)) {
              const given = x[n][g][ci][rb * TR * SH + vh * PH][vw * PW];
              const steps = INVERSE === 1 ? given : given * INVERSE;
              v[vh][vw][ci] = saturateI8(roundI32(OFFSET === 0 ? steps : steps - OFFSET));
            }
          }
        }
        const sums = stack([TR, OW], "i32");
        if (CP === 2) {
          for (const pr of range(TR)) {
            for (const pc of range(OW)) {
              let all = i32(0);
              for (const wh of range(KH)) {
                for (const ww of range(KW)) {
                  for (const wi of range(PC)) all += i32(v[pr * VSH + wh * DH][pc * VSW + ww * DW][wi]);
                }
              }
              sums[pr][pc] = all;
            }
          }
        }
        for (const oc of range(OC)) {
          for (const tr of range(TR)) {
            for (const ow of range(OW)) {
              let acc = CP === 2 ? c[g][0][oc] + c[g][1][oc] * sums[tr][ow] : c[g][0][oc];
              for (const kh of range(KH)) {
                for (const kw of range(KW)) {
                  for (const icb of range(PC / (2 * TERMS))) {
                    for (const ick of range(2)) {
                      const vh = tr * VSH + kh * DH;
                      const vw = ow * VSW + kw * DW;
                      acc += products(TERMS, v, u, vh, vw, g, oc, kh, kw, 2 * TERMS * icb + ick);
                    }
                  }
                }
              }
              const sum = biased(f32(acc) * s[g][oc], b, g, oc, EPILOGUE);
              const residual = residualOf(r, n, g, oc, rb * TR + tr, ow, EPILOGUE);
              y[n][g][oc][rb * TR + tr][ow] = ending(sum, residual, slopeOf(a, g, oc, EPILOGUE), EPILOGUE);
            }
          }
        }
      }
    }
  }
}

/** The products of TERMS channels, each the second behind the one before; of more than one as 16 bits hold their sum. */
function products(
  TERMS: number,
  v: Input<["VH", "VW", "IC"], "i8">,
  u: Weight<["G", "OC", "KH", "KW", "PC"], "i8">,
  vh: number,
  vw: number,
  g: number,
  oc: number,
  kh: number,
  kw: number,
  ic: number,
): number {
  const one = product(v, u, vh, vw, g, oc, kh, kw, ic);
  const two = TERMS > 1 ? one + product(v, u, vh, vw, g, oc, kh, kw, ic + 2) : one;
  const three = TERMS > 2 ? two + product(v, u, vh, vw, g, oc, kh, kw, ic + 4) : two;
  const all = TERMS > 2 ? three + product(v, u, vh, vw, g, oc, kh, kw, ic + 6) : three;
  return TERMS > 1 ? wrapI16(all) : all;
}

function product(
  v: Input<["VH", "VW", "IC"], "i8">,
  u: Weight<["G", "OC", "KH", "KW", "PC"], "i8">,
  vh: number,
  vw: number,
  g: number,
  oc: number,
  kh: number,
  kw: number,
  ic: number,
): number {
  return i32(v[vh][vw][ic]) * i32(u[g][oc][kh][kw][ic]);
}
