import {
  type Input,
  max,
  type Output,
  range,
  type Sizes,
  stack,
  type Weight,
} from "../../language/kernel.ts";
import { biasOf, type Epilogue, ending, slopeOf } from "../epilogue/epilogue.kernel.ts";

/**
 * A convolution and a window over its map: VH x VW pixels, VSH and VSW from one to the next, PH x PW of them. OW columns of the map
 * lie at LEFT in the MW that windows see, OH rows below the UP that windows reach above. CB channels are done at a time, and BR rows of windows.
 */
export type BandSizes =
  Sizes<"N G OC IC OH OW KH KW SH SW DH DW IH IW CB BR PH PW VH VW VSH VSW MW LEFT UP"> & Epilogue;

/** Of one whose windows are sums: what these end with, as EPILOGUE says it of the map. */
export type DepthwiseSizes = BandSizes & Sizes<"VLO VHI", "VBIAS VACT VALPHA VBETA">;

/**
 * A grouped convolution with bias, activation and clamp (conv2d.kernel.ts), then a depthwise one of its map with the same (ONNX Conv-11
 * twice): in bands of rows, so that the map is never stored as a whole. `mid` holds the rows of a band, and before them the VH - VSH that
 * windows reach above it: before the first band zeros, then the map's first rows. Rows below the map are computed of what `x` holds there, which is its
 * padding, and then are zeros, too. `v` is the window's kernel, `c` its bias.
 */
export function conv2dDepthwise(
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
    VLO,
    VHI,
    VBIAS = 0,
    VACT = 0,
    VALPHA = 0,
    VBETA = 0,
    ...EPILOGUE
  }: DepthwiseSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  w: Weight<["G", "OC", "IC", "KH", "KW"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  v: Weight<["G", "OC", "VH", "VW"]>,
  c: Weight<["G", "OC"]>,
  y: Output<["N", "G", "OC", "PH", "PW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const co of range(OC / CB)) {
        const mid = stack([CB, (BR - 1) * VSH + VH, MW]);
        for (const fc of range(CB)) {
          for (const fr of range(UP)) {
            for (const fw of range(MW)) {
              mid[fc][BR * VSH + fr][fw] = 0;
            }
          }
          for (const fr of range(BR * VSH)) {
            for (const fw of range(LEFT)) {
              mid[fc][VH - VSH + fr][fw] = 0;
            }
            for (const fw of range(MW - LEFT - OW)) {
              mid[fc][VH - VSH + fr][LEFT + OW + fw] = 0;
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
                  mid[fc][OH + UP - PH * VSH + BR * VSH + fr][fw] = 0;
                }
              }
            }
          }
          for (const vc of range(CB)) {
            for (const pr of range(BR)) {
              for (const pc of range(PW)) {
                let sum = VBIAS ? c[g][co * CB + vc] : 0;
                for (const vh of range(VH)) {
                  for (const vw of range(VW)) {
                    sum += mid[vc][pr * VSH + vh][pc * VSW + vw] * v[g][co * CB + vc][vh][vw];
                  }
                }
                y[n][g][co * CB + vc][band * BR + pr][pc] = ending(sum, 0, 0, {
                  LO: VLO,
                  HI: VHI,
                  ACT: VACT,
                  ALPHA: VALPHA,
                  BETA: VBETA,
                });
              }
            }
          }
        }
      }
    }
  }
}
