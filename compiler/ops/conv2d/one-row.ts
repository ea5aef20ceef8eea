import type { Storage } from "../../ir/storage.ts";
import type { LaidCall } from "../op.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";

/**
 * A convolution of single pixels whose rows lie one after another, with no border between them, as one row of all its pixels:
 * tiles then go on into the next row, where a width that they do not divide left a smaller one at the end of each. Others are as
 * they were.
 */
export function asOneRow(call: LaidCall<ConvSizes>): LaidCall<ConvSizes> {
  const { dims: d, storage } = call;
  const { w, ...images } = storage;
  const maps = Object.entries(images);
  const single = d.KH * d.KW * d.SH * d.SW === 1 && d.OH > 1;
  if (!single || !maps.every(([, map]) => followsRows(map, d.OH, d.OW))) return call;
  const pixels = d.OH * d.OW;
  return {
    dims: { ...d, OH: 1, OW: pixels, IH: 1, IW: pixels },
    storage: {
      ...(w && { w }),
      ...Object.fromEntries(
        maps.map(([name, map]) => [name, { ...map, shape: [...map.shape.slice(0, 3), 1, pixels] }]),
      ),
    },
  };
}

/** Of [N,G,C,H,W]: whether a map's rows and columns are all of these and lie whole, the columns right inside the rows. */
function followsRows({ shape, halo, dims }: Storage, rows: number, columns: number): boolean {
  const at = dims.findIndex(({ part, dim }) => part === "whole" && dim === 3);
  const inside = dims[at + 1];
  const adjacent = at >= 0 && inside?.part === "whole" && inside.dim === 4;
  const whole = shape[3] === rows && shape[4] === columns;
  return adjacent && whole && [halo[3], halo[4]].every(({ before, after }) => before + after === 0);
}
