import { divisors } from "../../schedule/choose.ts";
import type { ConvAlgorithm, ConvCandidate, ConvDims, ConvPart, Window } from "../conv2d/algorithm.ts";
import { SUMS, strassenConvolutions } from "./operators.ts";
import { PRODUCTS, strassenWeights } from "./strassen-weights.ts";

/** Part of the direct convolution's time that must not be exceeded for the rounding to be worth it. A policy. */
const WORTH = 0.93;
/** Most that the sums of a block's inputs take: they stay in the second cache. Bytes; a policy. */
const BLOCK_BYTES = 256 * 1024;
const MOST_PAIRS = 112;
/** More columns of pairs than a tile of registers has are cut. */
const MOST_COLUMNS = 56;

/** Strassen's algorithm: 1x1 windows, of maps with an even number of columns and channels whose halves are whole vectors. */
export const strassen: ConvAlgorithm<typeof strassenConvolutions> = {
  operators: strassenConvolutions,
  names: ["strassen"],
  applies: isPointwise,
  candidates: (d, lanes, { numerics }) => (numerics === "fast" ? candidatesOf(d, lanes) : []),
  part: (_, { from, rows }, d) => convPart(d, from, { RB: rows, TR: 1, CB: Math.ceil(d.OW / 2), TC: 1 }),
};

function isPointwise({ KH, KW }: Window): boolean {
  return KH === 1 && KW === 1;
}

function candidatesOf(d: ConvDims, lanes: number): readonly ConvCandidate[] {
  const { IC, OC, HELD = IC } = d;
  const halves = 2 * lanes;
  if (!isPointwise(d) || d.OW % 2 > 0 || HELD !== IC || IC % halves > 0 || OC % halves > 0) return [];
  const cost = PRODUCTS / 8 + SUMS.inputs / (4 * OC) + SUMS.outputs / (4 * IC);
  const part = convPart(d, 0, blocksFor(d));
  return [
    {
      algorithm: "strassen",
      parts: [part],
      cost,
      weights: (d.G * PRODUCTS * IC * OC) / 4,
      pays: cost < WORTH,
    },
  ];
}

interface Blocks {
  readonly RB: number;
  readonly TR: number;
  readonly CB: number;
  readonly TC: number;
}

/** The largest blocks whose inputs' sums stay in the second cache: the fewer there are, the less often weights come from memory. */
function blocksFor({ IC, OH, OW }: ConvDims): Blocks {
  const pairs = OW / 2;
  const TC = Math.max(...divisors(pairs).filter((n) => n <= MOST_COLUMNS));
  const row = (IC / 2) * PRODUCTS * TC * 4;
  const TR = Math.max(1, ...divisors(OH).filter((n) => n * row <= BLOCK_BYTES && n * TC <= MOST_PAIRS));
  return { RB: OH / TR, TR, CB: pairs / TC, TC };
}

function convPart({ SH, SW }: Window, from: number, blocks: Blocks): ConvPart {
  const rows = blocks.RB * blocks.TR;
  return {
    ...{ op: "strassen", from, rows },
    covers: [rows, 2 * blocks.CB * blocks.TC],
    window: [1, 1],
    sizes: ({ KH: _, KW: __, ...told }) => {
      const [HOC, HIC] = [told.OC / 2, told.IC / 2];
      return { HOC, HIC, ...blocks, SH, SW, VC: HIC, ...told };
    },
    weights: {
      param: "u",
      shape: ({ G, OC, IC }) => [G, PRODUCTS, OC / 2, IC / 2],
      arrange: strassenWeights,
    },
  };
}
