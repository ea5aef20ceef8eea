import {
  choose,
  heldIndex,
  type Input,
  isEqual,
  type Output,
  range,
  type Sizes,
} from "../../language/kernel.ts";

/** What has no weight does not count, whatever it is. */
export function weighted(weight: number, v: number): number {
  return choose(isEqual(weight, 0), 0, weight * v);
}

/**
 * Sums of pixels, KH rows of KW each, from where indices say that are computed while the network runs (ONNX GridSample-20 and
 * RoiAlign-16, whose kernels of taps choose them). IMAGES: of the image that an index of its own says.
 * x: [I, C, IH, IW], taps: [4, N, KH, OH * OW] as a list of S, image: [N], y: [N, C, OH, OW].
 */
export function sample(
  { N, C, OH, OW, KH, KW, I, IH, IW, IMAGES = 0 }: Sizes<"N C OH OW KH KW I IH IW S", "IMAGES">,
  x: Input<["I", "C", "IH", "IW"]>,
  taps: Input<["S"]>,
  image: Input<["N"]>,
  y: Output<["N", "C", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const oh of range(OH)) {
        for (const ow of range(OW)) {
          let acc = 0;
          for (const kh of range(KH)) {
            for (const kw of range(KW)) {
              acc += weighted(
                taps[((N + n) * KH + kh) * OH * OW + oh * OW + ow] *
                  taps[((N * 3 + n) * KW + kw) * OH * OW + oh * OW + ow],
                IMAGES
                  ? x[heldIndex(image[n], I)][c][heldIndex(taps[(n * KH + kh) * OH * OW + oh * OW + ow], IH)][
                      heldIndex(taps[((N * 2 + n) * KW + kw) * OH * OW + oh * OW + ow], IW)
                    ]
                  : x[n][c][heldIndex(taps[(n * KH + kh) * OH * OW + oh * OW + ow], IH)][
                      heldIndex(taps[((N * 2 + n) * KW + kw) * OH * OW + oh * OW + ow], IW)
                    ],
              );
            }
          }
          y[n][c][oh][ow] = IMAGES ? choose(isEqual(image[n], image[n]), acc, NaN) : acc;
        }
      }
    }
  }
}
