/**
 * What kernels do to a sum before they store it, said here once: kernels take these dims as the rest of theirs, `...EPILOGUE`, and
 * hand them on. What is not named is not done.
 *
 * - BIAS: 1 where the sum begins with a bias
 * - RES: where a residual is added, BEFORE or AFTER
 * - ACT, ALPHA, BETA: the activation (activations.ts has the numbers); SLOPES: 1 where each channel has an ALPHA of its own
 * - LO, HI: the clamp
 */
import { type Input, max, min, type Sizes, type Weight } from "../../language/kernel.ts";
import { activate } from "../activation/activate.kernel.ts";

/** The dim RES: a residual is added to the sum, or to what activation and clamp made of it. */
export const BEFORE = 1;
export const AFTER = 2;

/** The dims of a kernel that ends so. */
export type Ending = Sizes<"", "RES LO HI ACT ALPHA BETA SLOPES">;
/** Of one whose sums may begin with a bias. */
export type Epilogue = Ending & Sizes<"", "BIAS">;

/** What is stored of a sum; `residual` and `slope` are the elements at its place. */
export function ending(
  sum: number,
  residual: number,
  slope: number,
  { RES = 0, LO = -Infinity, HI = Infinity, ACT = 0, ALPHA = 0, BETA = 0, SLOPES = 0 }: Ending,
): number {
  const all = RES === BEFORE ? sum + residual : sum;
  const activated = min(max(activate(all, ACT, SLOPES ? slope : ALPHA, BETA), LO), HI);
  return RES === AFTER ? activated + residual : activated;
}

/** The bias that the sum of a channel begins with. */
export function biasOf(b: Weight<["G", "OC"]>, g: number, oc: number, { BIAS = 0 }: Epilogue): number {
  return BIAS ? b[g][oc] : 0;
}

/** A sum with its bias added at the end. */
export function biased(
  sum: number,
  b: Weight<["G", "OC"]>,
  g: number,
  oc: number,
  { BIAS = 0 }: Epilogue,
): number {
  return BIAS ? sum + b[g][oc] : sum;
}

/** An element of a grouped convolution's residual. */
export function residualOf(
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  n: number,
  g: number,
  oc: number,
  oh: number,
  ow: number,
  { RES = 0 }: Ending,
): number {
  return RES ? r[n][g][oc][oh][ow] : 0;
}

/** Of a residual of four dimensions. */
export function residualAt(
  r: Input<["R0", "R1", "R2", "R3"]>,
  i: number,
  j: number,
  k: number,
  l: number,
  { RES = 0 }: Ending,
): number {
  return RES ? r[i][j][k][l] : 0;
}

/** The slope of a channel. */
export function slopeOf(a: Weight<["G", "OC"]>, g: number, oc: number, { SLOPES = 0 }: Ending): number {
  return SLOPES ? a[g][oc] : 0;
}
