import {
  f32,
  type Input,
  i32,
  type Output,
  range,
  type Sizes,
  type Weight,
  wrapI16,
} from "../../language/kernel.ts";
import { biased, type Epilogue, ending, residualOf, slopeOf } from "../epilogue/epilogue.kernel.ts";

/** The sizes of a convolution that treats each channel alone: OC and IC are 1; TH rows and TW columns of its window are by twos. */
export type Int8DepthwiseSizes = Sizes<"N G OC IC IH IW OH OW KH KW SH SW DH DW TH TW", "ROWS COLUMNS"> &
  Epilogue;

/**
 * Depthwise convolution of i8 that count steps. Products of two rows are summed in 16 bits, which must hold them (int8-weights.ts), all others in
 * i32, exactly. Of two columns the channels lie side by side. Rows and columns that are left over follow by themselves.
 *
 * x: [N, G, 1, IH, IW] numbers of steps, a border of what stands for zero included; u: [G, 1, KH, KW, 1] those of the weights; s: [G, 1]
 * what one product of steps is; c: [G, 1, 1] what sums begin with: what the zero of x adds up to, and maybe the bias as a number of s; y: [N, G,
 * 1, OH, OW].
 */
export function int8Depthwise(
  { N, G, OH, OW, KH, KW, SH, SW, DH, DW, TH, TW, ...EPILOGUE }: Int8DepthwiseSizes,
  x: Input<["N", "G", "IC", "IH", "IW"], "i8">,
  u: Weight<["G", "OC", "KH", "KW", "IC"], "i8">,
  s: Weight<["G", "OC"]>,
  c: Weight<["G", "IC", "OC"], "i32">,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const oh of range(OH)) {
        for (const ow of range(OW)) {
          let acc = c[g][0][0];
          for (const kh of range(TH)) {
            for (const kw of range(TW)) {
              for (const k of range(2)) {
                const column = ow * SW + (2 * kw + k) * DW;
                acc += twoRows(x, u, n, g, 2 * kh, oh * SH, DH, 2 * kw + k, column);
              }
            }
          }
          for (const lh of range(KH - 2 * TH)) {
            for (const lw of range(TW)) {
              for (const l of range(2)) {
                const row = oh * SH + (2 * TH + lh) * DH;
                acc += tap(x, u, n, g, 2 * TH + lh, row, 2 * lw + l, ow * SW + (2 * lw + l) * DW);
              }
            }
          }
          for (const ph of range(TH)) {
            for (const pw of range(KW - 2 * TW)) {
              acc += twoRows(x, u, n, g, 2 * ph, oh * SH, DH, 2 * TW + pw, ow * SW + (2 * TW + pw) * DW);
            }
          }
          for (const qh of range(KH - 2 * TH)) {
            for (const qw of range(KW - 2 * TW)) {
              const row = oh * SH + (2 * TH + qh) * DH;
              acc += tap(x, u, n, g, 2 * TH + qh, row, 2 * TW + qw, ow * SW + (2 * TW + qw) * DW);
            }
          }
          const sum = biased(f32(acc) * s[g][0], b, g, 0, EPILOGUE);
          const residual = residualOf(r, n, g, 0, oh, ow, EPILOGUE);
          y[n][g][0][oh][ow] = ending(sum, residual, slopeOf(a, g, 0, EPILOGUE), EPILOGUE);
        }
      }
    }
  }
}

/** The products of a row of the window and of the next one, as 16 bits hold their sum. */
function twoRows(
  x: Input<["N", "G", "IC", "IH", "IW"], "i8">,
  u: Weight<["G", "OC", "KH", "KW", "IC"], "i8">,
  n: number,
  g: number,
  kh: number,
  top: number,
  DH: number,
  kw: number,
  column: number,
): number {
  const above = tap(x, u, n, g, kh, top + kh * DH, kw, column);
  return wrapI16(above + tap(x, u, n, g, kh + 1, top + (kh + 1) * DH, kw, column));
}

function tap(
  x: Input<["N", "G", "IC", "IH", "IW"], "i8">,
  u: Weight<["G", "OC", "KH", "KW", "IC"], "i8">,
  n: number,
  g: number,
  kh: number,
  row: number,
  kw: number,
  column: number,
): number {
  return i32(x[n][g][0][row][column]) * i32(u[g][0][kh][kw][0]);
}
