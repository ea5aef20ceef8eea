import { floatBytes, vectorBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { foreseenWaits, LINE_BYTES, unforeseenWaits } from "../estimate/memory-waits.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";

/**
 * Cycles that a convolution of neighbouring groups in lanes waits for lines: every row of a tile's outputs is a sequence of
 * addresses, and so is every new row of its inputs. `inputs`: elements of a group; `busy`: cycles of all its tiles.
 */
export function rowWaits(
  d: ConvSizes,
  { oh, ow }: { readonly oh: number; readonly ow: number },
  inputs: number,
  busy: number,
  target: Target,
): number {
  const { lanes } = target.isa;
  const outputs = (d.RES ? 2 : 1) * d.OC * d.OH * d.OW;
  const bytes = (inputs + outputs) * floatBytes(target.isa);
  const lines = (bytes * lanes) / LINE_BYTES;
  const all = bytes * d.G;
  const tiles = Math.ceil(d.OH / oh) * Math.ceil(d.OW / ow);
  const count = oh * (d.SH + (d.RES ? 2 : 1));
  const run = (ow * d.SW * vectorBytes(target.isa)) / LINE_BYTES;
  return (
    unforeseenWaits({ count, run, lines, bytes: all }, target) +
    newRows(d, oh, { inputs, outputs, all }, target) +
    foreseenWaits({ burst: lines / tiles, busy: busy / tiles, lines, bytes: all }, target)
  );
}

/**
 * A row goes on where the one before it ends, so of the rows that a tile reads or writes side by side all but one begin where
 * nothing was foreseen.
 */
function newRows(
  d: ConvSizes,
  oh: number,
  sizes: { readonly inputs: number; readonly outputs: number; readonly all: number },
  target: Target,
): number {
  const vector = vectorBytes(target.isa);
  const begun = (rows: number, width: number, elements: number): number => {
    const lines = (elements * vector) / LINE_BYTES;
    const sequences = { run: (width * vector) / LINE_BYTES, lines: (lines * (rows - 1)) / rows };
    return unforeseenWaits({ count: Number.POSITIVE_INFINITY, ...sequences, bytes: sizes.all }, target);
  };
  return begun(oh * d.SH, d.OW * d.SW, sizes.inputs) + begun(oh, d.OW, sizes.outputs);
}
