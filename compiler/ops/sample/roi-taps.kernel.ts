import {
  choose,
  float,
  type Input,
  isLess,
  max,
  min,
  type Output,
  range,
  roundDown,
  type Sizes,
} from "../../language/kernel.ts";

/** Where sample s of S in bin b of B lies between the ends of a region. */
function sample(from: number, to: number, b: number, B: number, s: number, S: number, HALF: number): number {
  return from + length(from, to, HALF) * ((b + (s + 0.5) / S) / B);
}

function length(from: number, to: number, HALF: number): number {
  return HALF ? to - from : max(to - from, 1);
}

/** The pixel below a place, and 0 or 1 further on, among `size` pixels. */
function pixel(v: number, further: number, size: number): number {
  return min(roundDown(min(max(v, 0), size - 1)) + further, size - 1);
}

/** How much that pixel counts: nothing where the place lies more than a pixel outside. */
function weight(v: number, further: number, size: number): number {
  return choose(isLess(v, -1) + isLess(size, v), 0, share(min(max(v, 0), size - 1), further));
}

function share(v: number, further: number): number {
  return further === 1 ? v - roundDown(v) : 1 - (v - roundDown(v));
}

/**
 * The rows and columns whose pixels the mean of each bin of a region is made of, with their weights (ONNX RoiAlign-16), or, where MEAN is not
 * set, of each sample: S
 * samples along each axis, two pixels for each. HALF: pixels lie at the middle of their unit. rois: [R, 4], y: [4, R, 2 * S, OH * OW]:
 * rows, their weights, columns, their weights.
 */
export function roiTaps(
  { R, S, OH, OW, H, W, SCALE, HALF = 0, MEAN = 1 }: Sizes<"R S OH OW H W SCALE T P", "HALF MEAN">,
  rois: Input<["R", 4]>,
  y: Output<[4, "R", "T", "P"]>,
): void {
  for (const r of range(R)) {
    for (const s of range(S)) {
      for (const f of range(2)) {
        for (const oh of range(OH)) {
          for (const ow of range(OW)) {
            const row = sample(
              rois[r][1] * SCALE - 0.5 * HALF,
              rois[r][3] * SCALE - 0.5 * HALF,
              float(oh),
              OH,
              float(s),
              S,
              HALF,
            );
            const column = sample(
              rois[r][0] * SCALE - 0.5 * HALF,
              rois[r][2] * SCALE - 0.5 * HALF,
              float(ow),
              OW,
              float(s),
              S,
              HALF,
            );
            y[0][r][s * 2 + f][oh * OW + ow] = f === 1 ? pixel(row, 1, H) : pixel(row, 0, H);
            y[1][r][s * 2 + f][oh * OW + ow] =
              (f === 1 ? weight(row, 1, H) : weight(row, 0, H)) / (MEAN ? S : 1);
            y[2][r][s * 2 + f][oh * OW + ow] = f === 1 ? pixel(column, 1, W) : pixel(column, 0, W);
            y[3][r][s * 2 + f][oh * OW + ow] =
              (f === 1 ? weight(column, 1, W) : weight(column, 0, W)) / (MEAN ? S : 1);
          }
        }
      }
    }
  }
}
