import {
  choose,
  float,
  fmod,
  type Input,
  isLess,
  max,
  min,
  type Output,
  range,
  roundDown,
  roundEven,
  type Sizes,
} from "../../language/kernel.ts";

/** Where a coordinate from -1 to 1 lies among `size` pixels; with MODE 0 at one of them. */
function coordinate(v: number, size: number, MODE: number, ALIGN: number): number {
  return MODE === 0
    ? roundEven(ALIGN ? ((v + 1) * (size - 1)) / 2 : ((v + 1) * size - 1) / 2)
    : ALIGN
      ? ((v + 1) * (size - 1)) / 2
      : ((v + 1) * size - 1) / 2;
}

/** A place mirrored at both borders, which lie at the outermost pixels with ALIGN, else half a pixel beyond, as often as it takes. */
function reflected(v: number, size: number, ALIGN: number): number {
  return ALIGN
    ? size === 1
      ? v * 0
      : folded(fmod(max(v, -v), 2 * (size - 1)), size - 1)
    : folded(fmod(max(v + 0.5, -v - 0.5), 2 * size), size) - 0.5;
}

function folded(v: number, length: number): number {
  return choose(isLess(length, v), 2 * length - v, v);
}

/** PAD 0: zeros lie outside, 1: the outermost pixels, 2: what is mirrored. */
function padded(v: number, size: number, PAD: number, ALIGN: number): number {
  return PAD === 1 ? min(max(v, 0), size - 1) : PAD === 2 ? reflected(v, size, ALIGN) : v;
}

/** The same of a coordinate: cubic interpolation changes up to where all pixels are the outermost one. */
function placed(v: number, size: number, MODE: number, PAD: number, ALIGN: number): number {
  return MODE === 2 && PAD === 1 ? min(max(v, -4), size + 3) : padded(v, size, PAD, ALIGN);
}

/** The weight of the pixel at a distance (Keys' cubic convolution with a = -0.75). */
function cubic(d: number): number {
  return choose(isLess(d, 1), (1.25 * d - 2.25) * d * d + 1, ((-0.75 * d + 3.75) * d - 6) * d + 3);
}

/** How much the pixel `at` counts, whose distance from what is wanted is `d`. */
function weight(d: number, at: number, size: number, MODE: number, PAD: number): number {
  return PAD === 0 ? choose(isLess(-1, at) * isLess(at, size), near(d, MODE), 0) : near(d, MODE);
}

function near(d: number, MODE: number): number {
  return MODE === 0 ? 1 + d * 0 : MODE === 1 ? 1 - max(d, -d) : cubic(max(d, -d));
}

/**
 * The rows and columns, T each, whose pixels a sampled image is made of, with their weights (ONNX GridSample-20 of images; MODE 0:
 * nearest, 1: linear, 2: cubic). grid: [N, P, 2], columns before rows, y: [4, N, T, P]: rows, their weights, columns, their weights.
 */
export function gridTaps(
  { N, P, T, H, W, MODE, PAD = 0, ALIGN = 0 }: Sizes<"N P T H W MODE", "PAD ALIGN">,
  grid: Input<["N", "P", 2]>,
  y: Output<[4, "N", "T", "P"]>,
): void {
  for (const n of range(N)) {
    for (const t of range(T)) {
      for (const p of range(P)) {
        const row = placed(coordinate(grid[n][p][1], H, MODE, ALIGN), H, MODE, PAD, ALIGN);
        const column = placed(coordinate(grid[n][p][0], W, MODE, ALIGN), W, MODE, PAD, ALIGN);
        const nearRow = roundDown(row) + float(t) - (MODE === 2 ? 1 : 0);
        const nearColumn = roundDown(column) + float(t) - (MODE === 2 ? 1 : 0);
        y[0][n][t][p] = padded(nearRow, H, PAD, ALIGN);
        y[1][n][t][p] = weight(row - nearRow, nearRow, H, MODE, PAD);
        y[2][n][t][p] = padded(nearColumn, W, PAD, ALIGN);
        y[3][n][t][p] = weight(column - nearColumn, nearColumn, W, MODE, PAD);
      }
    }
  }
}
