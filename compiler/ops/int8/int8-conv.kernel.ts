import {
  f32,
  type Input,
  i8,
  i32,
  max,
  type Output,
  range,
  roundI32,
  type Sizes,
  saturateI8,
  stack,
  type Weight,
} from "../../language/kernel.ts";
import { biased, type Epilogue, ending, residualOf, slopeOf } from "../epilogue/epilogue.kernel.ts";

/**
 * The sizes of a convolution of 8-bit numbers: RB blocks of TR rows of the output, VH rows and VW columns of numbers for each, which lie
 * PH rows and PW columns of the input apart: a window of one pixel needs no others between. Windows move by VSH and VSW of them.
 * What x holds are multiples of a step: INVERSE is 1 / step, OFFSET what a number of steps is more than its i8. The first PC of the
 * input's channels are multiplied: others are zeros that fill vectors. PAIRS is 1 where two products are summed in 16 bits first: no number of
 * steps of a weight is then -128.
 */
export type Int8Sizes = Sizes<
  "N G OC IC IH IW OH OW KH KW SH DH DW RB TR VH VW PH PW VSH VSW PC INVERSE OFFSET",
  "ROWS COLUMNS PAIRS"
> &
  Epilogue;

/**
 * Grouped convolution of numbers that are multiples of a step: numbers of steps are i8 again, their products are summed in i32, exactly.
 *
 * x: [N, G, IC, IH, IW], multiples of the step, a border of zeros included; u: [G, OC, KH, KW, PC] numbers of steps of the weights;
 * s: [G, OC] what one product of steps is; c: [G, OC] what sums begin with: what the offset leaves out, OFFSET times the sum of u, and maybe
 * the bias as a number of s; y: [N, G, OC, OH, OW].
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
    PAIRS = 0,
    INVERSE,
    OFFSET,
    ...EPILOGUE
  }: Int8Sizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", "OC", "KH", "KW", "PC"], "i8">,
  s: Weight<["G", "OC"]>,
  c: Weight<["G", "OC"], "i32">,
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
              const steps = x[n][g][ci][rb * TR * SH + vh * PH][vw * PW] * INVERSE;
              v[vh][vw][ci] = saturateI8(roundI32(OFFSET === 0 ? steps : steps - OFFSET));
            }
          }
        }
        for (const oc of range(OC)) {
          for (const tr of range(TR)) {
            for (const ow of range(OW)) {
              let acc = c[g][oc];
              for (const kh of range(KH)) {
                for (const kw of range(KW)) {
                  for (const ic of range(PC)) {
                    const weight = PAIRS === 1 ? max(u[g][oc][kh][kw][ic], i8(-127)) : u[g][oc][kh][kw][ic];
                    acc += i32(v[tr * VSH + kh * DH][ow * VSW + kw * DW][ic]) * i32(weight);
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
