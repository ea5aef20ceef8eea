import type { Input, Output, Weight } from "../../language/kernel.ts";
import { byLargeTiles, type PhasedSizes } from "./large-tiles.kernel.ts";

/** Grouped convolution by Winograd's algorithm, tiles of 6x6 inputs: see byLargeTiles(). u: [G, 6, 6, OC, P, RC]. */
export function winograd6x6(
  { N, G, OC, IC, RB, TR, CB, TC, T, S, P, RC, VC, ...EPILOGUE }: PhasedSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", 6, 6, "OC", "P", "RC"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  byLargeTiles({ N, G, OC, IC, RB, TR, CB, TC, T, S, P, RC, VC, A: 6 }, x, u, b, a, r, y, EPILOGUE);
}
