import {
  choose,
  float,
  type Input,
  isEqual,
  isLess,
  max,
  min,
  type Output,
  range,
  type Sizes,
  stack,
} from "../../language/kernel.ts";

/** What an infinite score counts as: nothing that is left may be as low as what is not. */
const LOWEST = -3.4028234663852886e38;

/** Not `min`: no NaN needs to go through, as a box that has one has no area either way, and in scalar C that takes most of the time. */
function lesser(a: number, b: number): number {
  return choose(isLess(a, b), a, b);
}

function greater(a: number, b: number): number {
  return choose(isLess(a, b), b, a);
}

/** The lesser end of a box along an axis: of two corners in any order, or of a middle and a size. */
function low(a: number, b: number, CENTER: number): number {
  return CENTER ? a - b / 2 : lesser(a, b);
}

function high(a: number, b: number, CENTER: number): number {
  return CENTER ? a + b / 2 : greater(a, b);
}

/** How far two stretches overlap. */
function shared(from: number, to: number, from2: number, to2: number): number {
  return min(to, to2) - max(from, from2);
}

/** Whether two areas, and what they share along both axes, are more of one than OVERLAP. */
function alike(area: number, area2: number, h: number, w: number, OVERLAP: number): number {
  const both = isLess(0, h) * isLess(0, w) * isLess(0, area) * isLess(0, area2);
  return both * isLess(OVERLAP, (h * w) / (area + area2 - h * w));
}

/**
 * Which boxes have the greatest scores of a class and do not overlap one of greater score by more than OVERLAP of both together (ONNX
 * NonMaxSuppression-11): places from the greatest on, of equal scores the first, -1 where no more are left. LEAST: only scores above
 * it, else all that are numbers. CENTER: boxes are x, y of their middle, width and height, else y, x, y, x of two corners. boxes:
 * [N, S, 4], scores: [N, C, S], y: [N, C, M].
 */
export function nonMax(
  { N, C, S, M, OVERLAP, LEAST = 0, SCORE = 0, CENTER = 0 }: Sizes<"N C S M OVERLAP", "LEAST SCORE CENTER">,
  boxes: Input<["N", "S", 4]>,
  scores: Input<["N", "C", "S"]>,
  y: Output<["N", "C", "M"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      const left = stack([S]);
      const tops = stack([S]);
      const starts = stack([S]);
      const bottoms = stack([S]);
      const ends = stack([S]);
      const areas = stack([S]);
      // in memory, as loops that read them may run in lanes
      const places = stack([S]);
      for (const s of range(S)) {
        const v = scores[n][c][s];
        left[s] = choose(LEAST ? isLess(SCORE, v) : isEqual(v, v), greater(v, LOWEST), -Infinity);
        tops[s] = low(boxes[n][s][CENTER], boxes[n][s][CENTER + 2], CENTER);
        bottoms[s] = high(boxes[n][s][CENTER], boxes[n][s][CENTER + 2], CENTER);
        starts[s] = low(boxes[n][s][1 - CENTER], boxes[n][s][3 - CENTER], CENTER);
        ends[s] = high(boxes[n][s][1 - CENTER], boxes[n][s][3 - CENTER], CENTER);
        places[s] = float(s);
        areas[s] = (bottoms[s] - tops[s]) * (ends[s] - starts[s]);
      }
      for (const m of range(M)) {
        let best = -Infinity;
        let place = -1;
        let top = NaN;
        let start = NaN;
        let bottom = NaN;
        let end = NaN;
        for (const s of range(S)) {
          place = choose(isLess(best, left[s]), places[s], place);
          top = choose(isLess(best, left[s]), tops[s], top);
          bottom = choose(isLess(best, left[s]), bottoms[s], bottom);
          start = choose(isLess(best, left[s]), starts[s], start);
          end = choose(isLess(best, left[s]), ends[s], end);
          best = choose(isLess(best, left[s]), left[s], best);
        }
        y[n][c][m] = place;
        for (const other of range(S)) {
          const gone = alike(
            (bottom - top) * (end - start),
            areas[other],
            shared(top, bottom, tops[other], bottoms[other]),
            shared(start, end, starts[other], ends[other]),
            OVERLAP,
          );
          left[other] = choose(gone + isEqual(places[other], place), -Infinity, left[other]);
        }
      }
    }
  }
}
