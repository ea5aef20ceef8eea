import { type Input, type Output, range, type Sizes, type Weight } from "../../language/kernel.ts";
import { biasOf, type Epilogue, ending, residualOf, slopeOf } from "../epilogue/epilogue.kernel.ts";

/** The sizes of a convolution by plain sums. */
export type ConvSizes = Sizes<"N G OC IC OH OW KH KW SH SW DH DW IH IW"> & Epilogue;

/**
 * Grouped 2-D convolution with bias, residual add, activation and clamp (ONNX Conv-11, then Add, an activation and Clip).
 * `x` holds its padding: IH = (OH-1)*SH + (KH-1)*DH + 1 rows at least. `b` is its bias, `r` its residual, with slopes `a`
 * each channel has one of its own (ONNX PRelu-16): epilogue.kernel.ts.
 */
export function conv2d(
  { N, G, OC, IC, OH, OW, KH, KW, SH, SW, DH, DW, ...EPILOGUE }: ConvSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  w: Weight<["G", "OC", "IC", "KH", "KW"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const oc of range(OC)) {
        for (const oh of range(OH)) {
          for (const ow of range(OW)) {
            let acc = biasOf(b, g, oc, EPILOGUE);
            for (const ic of range(IC)) {
              for (const kh of range(KH)) {
                for (const kw of range(KW)) {
                  acc += x[n][g][ic][oh * SH + kh * DH][ow * SW + kw * DW] * w[g][oc][ic][kh][kw];
                }
              }
            }
            const residual = residualOf(r, n, g, oc, oh, ow, EPILOGUE);
            y[n][g][oc][oh][ow] = ending(acc, residual, slopeOf(a, g, oc, EPILOGUE), EPILOGUE);
          }
        }
      }
    }
  }
}
