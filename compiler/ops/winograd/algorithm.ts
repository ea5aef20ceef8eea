import { defined } from "../../support/assert.ts";
import type { ConvAlgorithm, ConvPart } from "../conv2d/algorithm.ts";
import type { Numerics } from "../numerics.ts";
import { winogradConvolutions } from "./operators.ts";
import { isTileable, WINOGRADS, type WinogradPart, winogradCandidates } from "./winograd-blocks.ts";
import { winogradWeights } from "./winograd-weights.ts";
import type { WinogradSizes } from "./winograd2.kernel.ts";

/** Outputs along a side of the largest tile that is allowed. */
export const LARGEST_TILE: Readonly<Record<Numerics, number>> = { fast: 6, close: 2, strict: 0 };

/** Winograd's algorithm: 3x3 convolutions of stride 1 by tiles, which may hang over the map. */
export const winograd: ConvAlgorithm<typeof winogradConvolutions> = {
  operators: winogradConvolutions,
  applies: isTileable,
  candidates: (d, lanes, { registers, numerics }) =>
    winogradCandidates(d, lanes, registers, LARGEST_TILE[numerics]).map((candidate) => ({
      ...candidate,
      parts: candidate.parts.map(convPart),
    })),
  part: (op, { from, rows }, { OW }) => {
    const winograd = defined(
      WINOGRADS.find((one) => one.op === op),
      `the tile of ${op}`,
    );
    const [RB, CB] = [rows, OW].map((n) => Math.ceil(n / winograd.tile));
    return convPart({ winograd, blocks: { RB, TR: 1, CB, TC: 1 }, from, rows });
  },
};

function convPart({ winograd: { op, tile, points }, blocks, from, rows }: WinogradPart): ConvPart {
  const { RB, TR, CB, TC } = blocks;
  return {
    ...{ op, from, rows },
    covers: [tile * RB * TR, tile * CB * TC],
    sizes: ({ N, G, OC, IC, ...others }): WinogradSizes => ({ N, G, OC, IC, ...blocks, ...others }),
    weights: {
      param: "u",
      shape: ({ G, OC, IC }) => [G, ...points, OC, IC],
      arrange: (w, channels) => winogradWeights(w, channels, tile),
    },
  };
}
