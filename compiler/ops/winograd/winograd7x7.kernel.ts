import type { Input, Output, Weight } from "../../language/kernel.ts";
import { byLargeTiles, type PhasedSizes } from "./large-tiles.kernel.ts";

/** Grouped convolution by Winograd's algorithm, tiles of 7x7 inputs: see byLargeTiles(). u: [G, 7, 7, OC, P, RC]. */
export function winograd7x7(
  { N, G, OC, IC, RB, TR, CB, TC, T, S, P, RC, VC, ...EPILOGUE }: PhasedSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  u: Weight<["G", 7, 7, "OC", "P", "RC"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  byLargeTiles({ N, G, OC, IC, RB, TR, CB, TC, T, S, P, RC, VC, A: 7 }, x, u, b, a, r, y, EPILOGUE);
}
