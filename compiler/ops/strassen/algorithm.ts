import type {
  AlgorithmLimits,
  ConvAlgorithm,
  ConvCandidate,
  ConvDims,
  ConvPart,
  PartSizes,
  Window,
} from "../conv2d/algorithm.ts";
import { roomFor } from "../winograd/winograd-blocks.ts";
import { strassenConvolutions } from "./operators.ts";
import {
  isForOddPairs,
  type StrassenBlocks,
  strassenBlocks,
  strassenCost,
  strassenOddPairs,
} from "./strassen-blocks.ts";
import { PRODUCTS, strassenWeights } from "./strassen-weights.ts";

/** Strassen's algorithm: 1x1 windows and those that move by more than a pixel, channels whose halves are whole vectors. */
export const strassen: ConvAlgorithm<typeof strassenConvolutions> = {
  operators: strassenConvolutions,
  names: ["strassen"],
  applies: isForWindow,
  mixesChannels: true,
  candidates: (d, lanes, limits) => (isFor(d, lanes, limits) ? [candidate(d, lanes, limits)] : []),
  part: (op, { from, rows }, d) =>
    op === "strassen-odd"
      ? oddPart({ ...d, OH: rows })
      : convPart(d, from, { RB: rows, TR: 1, CB: Math.ceil(d.OW / 2), TC: 1 }),
};

/** Windows of several pixels have each of them as channels more; those that move by one are Winograd's. */
function isForWindow({ KH, KW, SH, SW }: Window): boolean {
  return KH * KW === 1 || SH * SW > 1;
}

function isFor(d: ConvDims, lanes: number, limits: AlgorithmLimits): boolean {
  const { OW, IC, OC, HELD = IC } = d;
  const halves = IC % (2 * lanes) === 0 && OC % (2 * lanes) === 0 && HELD === IC;
  const pairs = OW % 2 === 0 || isForOddPairs(d, limits);
  return isForWindow(d) && pairs && halves && limits.numerics === "fast" && limits.floats !== "f16";
}

function candidate(d: ConvDims, lanes: number, limits: AlgorithmLimits): ConvCandidate {
  const blocks = d.OW % 2 === 0 ? strassenBlocks(d, limits) : strassenOddPairs(d);
  const part = "RB" in blocks ? convPart(d, 0, blocks, lanes) : oddPart(d, lanes);
  const weights = (d.G * PRODUCTS * d.KH * d.KW * d.IC * d.OC) / 4;
  return { algorithm: "strassen", parts: [part], weights, ...strassenCost(d, blocks, lanes, limits) };
}

function oddPart(d: Window & Pick<ConvDims, "OH" | "OW">, lanes = 1): ConvPart {
  const { OH, OW, KH, KW, SH, SW, DH, DW } = d;
  const pairs = strassenOddPairs({ OH, OW });
  return {
    ...{ op: "strassen-odd", from: 0, rows: OH },
    covers: [OH, OW],
    window: [KH, KW],
    sizes: (told) => ({ ...halves(told, pairs.TC, lanes), ...pairs, SH, SW, DH, DW }),
    weights: weights(KH * KW),
  };
}

function convPart(
  { KH, KW, SH, SW, DH, DW }: Window,
  from: number,
  blocks: StrassenBlocks,
  lanes = 1,
): ConvPart {
  const rows = blocks.RB * blocks.TR;
  return {
    ...{ op: "strassen", from, rows },
    covers: [rows, 2 * blocks.CB * blocks.TC],
    window: [KH, KW],
    sizes: (told) => ({ ...halves(told, blocks.TR * blocks.TC, lanes), ...blocks, SH, SW, DH, DW }),
    weights: weights(KH * KW),
  };
}

/** Sizes of what both kernels are told. */
function halves(told: PartSizes, pairs: number, lanes: number) {
  const HIC = told.IC / 2;
  const RC = told.KH * told.KW * HIC;
  return { HOC: told.OC / 2, HIC, RC, VC: roomFor(RC, pairs, lanes), ...told };
}

function weights(taps: number): ConvPart["weights"] {
  return [
    {
      param: "u",
      shape: ({ G, OC, IC }) => [G, PRODUCTS, OC / 2, (taps * IC) / 2],
      arrange: strassenWeights,
    },
  ];
}
