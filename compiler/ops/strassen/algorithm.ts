import type {
  AlgorithmLimits,
  ConvAlgorithm,
  ConvCandidate,
  ConvDims,
  ConvPart,
  Window,
} from "../conv2d/algorithm.ts";
import { roomFor } from "../winograd/winograd-blocks.ts";
import { strassenConvolutions } from "./operators.ts";
import { type StrassenBlocks, strassenBlocks, strassenCost } from "./strassen-blocks.ts";
import { PRODUCTS, strassenWeights } from "./strassen-weights.ts";

/** Part of the plain sums' time that must not be exceeded for the rounding to be worth it. A policy. */
const WORTH = 0.954;

/** Strassen's algorithm: 1x1 windows of maps with an even number of columns, channels whose halves are whole vectors. */
export const strassen: ConvAlgorithm<typeof strassenConvolutions> = {
  operators: strassenConvolutions,
  names: ["strassen"],
  applies: ({ KH, KW }) => KH * KW === 1,
  candidates: (d, lanes, limits) => (isFor(d, lanes, limits) ? [candidate(d, lanes, limits)] : []),
  part: (_, { from, rows }, d) => convPart(d, from, { RB: rows, TR: 1, CB: Math.ceil(d.OW / 2), TC: 1 }),
};

function isFor(
  { KH, KW, OW, IC, OC, HELD = IC }: ConvDims,
  lanes: number,
  { numerics }: AlgorithmLimits,
): boolean {
  const halves = IC % (2 * lanes) === 0 && OC % (2 * lanes) === 0 && HELD === IC;
  return KH * KW === 1 && OW % 2 === 0 && halves && numerics === "fast";
}

function candidate(d: ConvDims, lanes: number, limits: AlgorithmLimits): ConvCandidate {
  const blocks = strassenBlocks(d, limits);
  const cost = strassenCost(d, blocks, lanes, limits);
  const weights = (d.G * PRODUCTS * d.IC * d.OC) / 4;
  return { algorithm: "strassen", parts: [convPart(d, 0, blocks, lanes)], cost, weights, pays: cost < WORTH };
}

function convPart({ SH, SW }: Window, from: number, blocks: StrassenBlocks, lanes = 1): ConvPart {
  const rows = blocks.RB * blocks.TR;
  return {
    ...{ op: "strassen", from, rows },
    covers: [rows, 2 * blocks.CB * blocks.TC],
    window: [1, 1],
    sizes: ({ KH: _, KW: __, ...told }) => {
      const [HOC, HIC] = [told.OC / 2, told.IC / 2];
      return { HOC, HIC, ...blocks, SH, SW, VC: roomFor(HIC, blocks.TR * blocks.TC, lanes), ...told };
    },
    weights: {
      param: "u",
      shape: ({ G, OC, IC }) => [G, PRODUCTS, OC / 2, IC / 2],
      arrange: strassenWeights,
    },
  };
}
