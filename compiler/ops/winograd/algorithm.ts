import { assertNever, defined } from "../../support/assert.ts";
import type { ConvAlgorithm, ConvPart } from "../conv2d/algorithm.ts";
import { winogradConvolutions } from "./operators.ts";
import { algorithmName, roomFor, type WinogradPart, winogradCandidates } from "./winograd-blocks.ts";
import { allWinogradsFor, isLarge, type Winograd } from "./winograd-tiles.ts";
import { winogradWeights } from "./winograd-weights.ts";

/** Winograd's algorithm: square windows of stride 1 or 2 by tiles, which may hang over the map. */
export const winograd: ConvAlgorithm<typeof winogradConvolutions> = {
  operators: winogradConvolutions,
  names: [2, 3, 4, 5, 6, 7].map(algorithmName),
  applies: (window) => allWinogradsFor(window).length > 0,
  candidates: (d, lanes, limits) =>
    winogradCandidates(d, lanes, limits).map((candidate) => ({
      ...candidate,
      parts: candidate.parts.map((part) => convPart(part, lanes)),
    })),
  part: (op, { from, rows }, d) => {
    const winograd = defined(
      allWinogradsFor(d).find((one) => one.op === op),
      `the tile of ${op}`,
    );
    const [RB, CB] = [rows, d.OW].map((n) => Math.ceil(n / winograd.tile));
    return convPart({ winograd, blocks: { RB, TR: 1, CB, TC: 1 }, from, rows });
  },
};

function convPart({ winograd, channels, blocks, from, rows }: WinogradPart, lanes = 1): ConvPart {
  const { op, tile: T, window } = winograd;
  const { RB, TR, CB, TC } = blocks;
  const [S, P, seen] = [window.stride, window.stride ** 2, window.stride * window.taps];
  return {
    ...{ op, from, rows },
    covers: [T * RB * TR, T * CB * TC],
    window: [seen, seen],
    sizes: ({ N, G, OC, IC, KH, KW, ...others }) => {
      const VC = roomFor(P * IC, TR * TC, lanes);
      const own = isLarge(op) ? { T, S, P, RC: channels ?? IC, KH, KW } : {};
      return { N, G, OC, IC, ...blocks, VC, ...own, ...others };
    },
    weights: [
      {
        param: "u",
        shape: ({ G, OC, IC }) => pointsShape(winograd, G, OC, channels ?? IC),
        arrange: (w, held) => winogradWeights(w, held, channels ?? held.IC, window),
      },
    ],
  };
}

/** Dimensions of a kernel's transformed weights. */
function pointsShape({ op, window }: Winograd, G: number, OC: number, channels: number): readonly number[] {
  const { count, stride } = window;
  switch (op) {
    case "winograd2":
      return [G, count, count, OC, channels];
    case "winograd4":
      return [G, count ** 2, OC, channels];
    case "winograd6x6":
    case "winograd7x7":
    case "winograd8x8":
      return [G, count, count, OC, stride ** 2, channels];
    default:
      return assertNever(op);
  }
}
