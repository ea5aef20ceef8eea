import { type Input, max, type Output, range, stack, type Weight } from "../../language/kernel.ts";
import { biasOf, ending, slopeOf } from "../epilogue/epilogue.kernel.ts";
import type { BandSizes } from "./conv2d-depthwise.kernel.ts";

/**
 * A grouped convolution with bias, activation and clamp (conv2d.kernel.ts), then maxima over windows of its map (ONNX MaxPool-12, one
 * output): in bands of rows, so that the map is never stored as a whole, as in conv2d-depthwise.kernel.ts. `x` holds its padding.
 */
export function conv2dMaxPool(
  {
    N,
    G,
    OC,
    IC,
    OH,
    OW,
    KH,
    KW,
    SH,
    SW,
    DH,
    DW,
    CB,
    BR,
    PH,
    PW,
    VH,
    VW,
    VSH,
    VSW,
    MW,
    LEFT,
    UP,
    ...EPILOGUE
  }: BandSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  w: Weight<["G", "OC", "IC", "KH", "KW"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  y: Output<["N", "G", "OC", "PH", "PW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const co of range(OC / CB)) {
        const mid = stack([CB, (BR - 1) * VSH + VH, MW]);
        for (const fc of range(CB)) {
          for (const fr of range(UP)) {
            for (const fw of range(MW)) {
              mid[fc][BR * VSH + fr][fw] = -Infinity;
            }
          }
          for (const fr of range(BR * VSH)) {
            for (const fw of range(LEFT)) {
              mid[fc][VH - VSH + fr][fw] = -Infinity;
            }
            for (const fw of range(MW - LEFT - OW)) {
              mid[fc][VH - VSH + fr][LEFT + OW + fw] = -Infinity;
            }
          }
        }
        for (const oc of range(CB)) {
          for (const oh of range(VH - VSH - UP)) {
            for (const ow of range(OW)) {
              let acc = biasOf(b, g, co * CB + oc, EPILOGUE);
              for (const ic of range(IC)) {
                for (const kh of range(KH)) {
                  for (const kw of range(KW)) {
                    acc += x[n][g][ic][oh * SH + kh * DH][ow * SW + kw * DW] * w[g][co * CB + oc][ic][kh][kw];
                  }
                }
              }
              const slope = slopeOf(a, g, co * CB + oc, EPILOGUE);
              mid[oc][BR * VSH + UP + oh][LEFT + ow] = ending(acc, 0, slope, EPILOGUE);
            }
          }
        }
        for (const band of range(PH / BR)) {
          for (const ec of range(CB)) {
            for (const er of range(VH - VSH)) {
              for (const ew of range(MW)) {
                mid[ec][er][ew] = mid[ec][BR * VSH + er][ew];
              }
            }
          }
          for (const oc of range(CB)) {
            for (const oh of range(BR * VSH)) {
              for (const ow of range(OW)) {
                let acc = biasOf(b, g, co * CB + oc, EPILOGUE);
                for (const ic of range(IC)) {
                  for (const kh of range(KH)) {
                    for (const kw of range(KW)) {
                      acc +=
                        x[n][g][ic][(band * BR * VSH + VH - VSH - UP + oh) * SH + kh * DH][
                          ow * SW + kw * DW
                        ] * w[g][co * CB + oc][ic][kh][kw];
                    }
                  }
                }
                const slope = slopeOf(a, g, co * CB + oc, EPILOGUE);
                mid[oc][VH - VSH + oh][LEFT + ow] = ending(acc, 0, slope, EPILOGUE);
              }
            }
          }
          if (band === PH / BR - 1) {
            for (const fc of range(CB)) {
              for (const fr of range(max(0, PH * VSH + VH - VSH - UP - OH))) {
                for (const fw of range(MW)) {
                  mid[fc][OH + UP - PH * VSH + BR * VSH + fr][fw] = -Infinity;
                }
              }
            }
          }
          for (const vc of range(CB)) {
            for (const pr of range(BR)) {
              for (const pc of range(PW)) {
                let sum = -Infinity;
                for (const vh of range(VH)) {
                  for (const vw of range(VW)) {
                    sum = max(sum, mid[vc][pr * VSH + vh][pc * VSW + vw]);
                  }
                }
                y[n][g][co * CB + vc][band * BR + pr][pc] = sum;
              }
            }
          }
        }
      }
    }
  }
}
