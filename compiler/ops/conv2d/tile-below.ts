import type { Sizes } from "../../language/kernel.ts";
import { floatBytes, vectorBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { Epilogue } from "../epilogue/epilogue.kernel.ts";
import { isFar, isUnforeseen, LINE_BYTES } from "../estimate/memory-waits.ts";
import { upTo } from "../tiles.ts";
import type { LoopOrder } from "./loop-order.ts";

type Windows = Sizes<"N G OC IC OH OW IH IW KH KW SH SW"> & Pick<Epilogue, "RES">;

/**
 * Which tile's inputs are asked for beside those of a tile: of the one below it, so that only the first row of tiles is not asked for, or
 * of the next one, so that the first of every row is not. Where there is one row of tiles both are the next one.
 */
export type AskedTile = "below" | "next";

/** The part of all inputs that an order does not ask for beside another tile; undefined: it asks for none so. */
export function unaskedPart(
  order: LoopOrder,
  d: Windows,
  target: Target,
  tile: PixelTile,
): number | undefined {
  const asked = askedTile(order, d, target, tile);
  // a smaller tile at the end is in a loop of its own, where nothing is asked for
  const [rows, columns] = [Math.floor(d.OH / tile.oh), Math.max(1, Math.floor(d.OW / tile.ow))];
  return asked && 1 / (asked === "below" && rows > 1 ? rows : columns);
}

/** The loop of which the next turn has that tile; none where there is no other tile. */
export function loopTo(asked: AskedTile, s: Schedule): string | undefined {
  const loops = asked === "below" ? ["oho", "oh", "owo"] : ["owo"];
  return loops.find((axis) => s.extent(axis) > 1);
}

/** Rows and columns of a tile of pixels. */
export interface PixelTile {
  readonly oh: number;
  readonly ow: number;
}

/**
 * From pixel to pixel of a tile that is asked for: as many as a line holds, or fewer where tiles begin anywhere in a line and the next one is
 * asked for, whose last line nobody else would ask for in time.
 */
export function pixelsApart(
  asked: AskedTile,
  ow: number,
  { OH, SW }: Windows,
  { isa }: Pick<Target, "isa">,
): number {
  const inLine = Math.max(1, Math.floor(LINE_BYTES / vectorBytes(isa) / SW));
  if (asked === "below" && OH > 1) return inLine;
  return upTo(inLine).findLast((step) => findsLines(step, ow, inLine)) ?? 1;
}

/** Whether pixels so far apart lie in all lines of each of some tiles that follow each other from the start of a line on. */
function findsLines(step: number, ow: number, inLine: number): boolean {
  const lineOf = (tile: number, pixel: number): number => Math.floor((tile * ow + pixel) / inLine);
  const pixels = Array.from({ length: ow }, (_, pixel) => pixel);
  return upTo(inLine).every((tile) => {
    const found = new Set(pixels.filter((pixel) => pixel % step === 0).map((pixel) => lineOf(tile, pixel)));
    return pixels.every((pixel) => found.has(lineOf(tile, pixel)));
  });
}

/** Of so few rows of tiles, those of a band, most inputs would be the first row's, for which nobody asks. A policy. */
const FEW_ROWS = 4;

/**
 * Of the nearest cache, what may pass before what was asked for has its turn: what a core out of order finds in the second one costs it
 * less than what is not asked for. Policies, tried on networks of the zoo.
 */
const MOST_PASSING = { inOrder: 0.75, outOfOrder: 1.5 } as const;

/**
 * Which tile's inputs an order asks for in windows that share no pixels: those from memory beside the copying of each block; beside
 * products, from the second cache, too, but only what is not foreseen, as it is done again for each block of output channels. What is asked for has to
 * stay until its turn comes, beside all weights: in the nearest cache, or where it is asked for once more before it is copied, in the second.
 */
export function askedTile(
  order: LoopOrder,
  d: Windows,
  target: Target,
  { oh, ow }: PixelTile,
): AskedTile | undefined {
  const { core } = target;
  if (order === "weights" || core.model === undefined || d.KH > d.SH || d.KW > d.SW) return undefined;
  if (order === "packed") {
    return isFar(inputBytes(d, target), target) && passing(d, oh, target) <= core.l2Bytes / 2
      ? "below"
      : undefined;
  }
  if (!isAskedBeside(d, target)) return undefined;
  const rows = d.OH / oh;
  const fewRows = d.OH > 1 && rows <= FEW_ROWS && rows < d.OW / ow;
  const most = core.l1dBytes * MOST_PASSING[core.inOrder ? "inOrder" : "outOfOrder"];
  if (!fewRows && passing(d, oh, target) <= most) return "below";
  return order === "streamed" || (fewRows && weightBytes(d, target) <= core.l1dBytes / 2)
    ? "next"
    : undefined;
}

/** Vectors of output channels beside each other, as most tiles have them. */
const USUAL_VECTORS = 2;

/**
 * Whether inputs of single pixels may be asked for beside products: planes of inputs, outputs and residuals, and weights, are not foreseen,
 * nor are rows that begin anew as those between them are skipped.
 */
export function isAskedBeside(d: Windows, target: Target): boolean {
  const together = d.IC / target.isa.lanes + USUAL_VECTORS * (d.RES ? 2 : 1) + 1;
  const sequences = d.SH > 1 ? Number.POSITIVE_INFINITY : together;
  return d.KH * d.KW === 1 && isUnforeseen(sequences, inputBytes(d, target), target);
}

export function inputBytes(d: Windows, { isa }: Pick<Target, "isa">): number {
  return d.N * d.G * d.IC * d.IH * d.IW * floatBytes(isa);
}

function weightBytes(d: Windows, { isa }: Pick<Target, "isa">): number {
  return d.OC * d.IC * d.KH * d.KW * floatBytes(isa);
}

/**
 * Which tile's residuals are asked for block by block while pixels stay: there until their turn comes, if all weights stay, too. Else
 * those of the next block are, and the first block's of each tile are not.
 */
export function residualTile(d: Windows, target: Target, { oh }: PixelTile): AskedTile | undefined {
  const { core, isa } = target;
  if (d.OH > 1 && passing(d, oh, target) + oh * d.OC * d.OW * floatBytes(isa) <= core.l1dBytes)
    return "below";
  return weightBytes(d, target) <= core.l1dBytes / 2 ? "next" : undefined;
}

/** Bytes of weights and inputs between a row of tiles and the next one, or between tiles where there is one row. */
function passing(d: Windows, oh: number, target: Pick<Target, "isa">): number {
  return weightBytes(d, target) + (d.OH === 1 ? 0 : oh * d.IC * d.SH * d.IW * floatBytes(target.isa));
}
