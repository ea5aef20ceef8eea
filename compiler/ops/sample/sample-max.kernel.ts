import {
  choose,
  heldIndex,
  type Input,
  isEqual,
  max,
  type Output,
  range,
  type Sizes,
} from "../../language/kernel.ts";
import { weighted } from "./sample.kernel.ts";

/**
 * The greatest of weighted pixels, KH rows of KW each, from where indices say that are computed while the network runs (ONNX RoiAlign-16
 * of mode max), of the image that an index of its own says.
 * x: [I, C, IH, IW], taps: [4, N, KH, OH * OW] as a list of S, image: [N], y: [N, C, OH, OW].
 */
export function sampleMax(
  { N, C, OH, OW, KH, KW, I, IH, IW }: Sizes<"N C OH OW KH KW I IH IW S">,
  x: Input<["I", "C", "IH", "IW"]>,
  taps: Input<["S"]>,
  image: Input<["N"]>,
  y: Output<["N", "C", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const oh of range(OH)) {
        for (const ow of range(OW)) {
          let acc = -Infinity;
          for (const kh of range(KH)) {
            for (const kw of range(KW)) {
              acc = max(
                acc,
                weighted(
                  taps[((N + n) * KH + kh) * OH * OW + oh * OW + ow] *
                    taps[((N * 3 + n) * KW + kw) * OH * OW + oh * OW + ow],
                  x[heldIndex(image[n], I)][c][heldIndex(taps[(n * KH + kh) * OH * OW + oh * OW + ow], IH)][
                    heldIndex(taps[((N * 2 + n) * KW + kw) * OH * OW + oh * OW + ow], IW)
                  ],
                ),
              );
            }
          }
          y[n][c][oh][ow] = choose(isEqual(image[n], image[n]), acc, NaN);
        }
      }
    }
  }
}
