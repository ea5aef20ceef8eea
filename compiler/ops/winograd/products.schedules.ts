import { physicalSize } from "../../ir/storage.ts";
import { takesHalfVectors } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { type ProductTile, writtenOut } from "../product-tiles.ts";

/** Loops of the products of points, and the channels of what is made of them. */
export type ProductAxes = ("k" | "ky" | "kx") | ("mr" | "mc" | "oc" | "f" | "ic") | "co";

/** What products are summed over: phases, if it has a loop over them, and so many channels. */
export interface Sums {
  readonly phases: readonly "f"[];
  readonly channels: number;
  /** Blocks of channels written out one after another; absent: as many as it is estimated to be best. */
  readonly written?: number;
}

/**
 * For each of the points, sums of inputs, the products with the weights `u` of a tile of tiles (of pixels) x channel vectors in registers,
 * input channels by lane; the channels of the output transform in the same blocks.
 */
export function products<A extends string>(
  s: Schedule<ProductAxes | A>,
  { G }: { readonly G: number },
  target: Target,
  tile: ProductTile,
  points: readonly ("k" | "ky" | "kx")[],
  { phases, channels, written }: Sums,
) {
  const { lanes } = target.isa;
  const { rows, columns, ocv } = tile;
  const u = s.proc.params.find(({ name }) => name === "u");
  const weights = u === undefined ? 0 : physicalSize(u.storage) / G;
  const block = Math.min(channels, lanes);
  // halves of inputs are loaded one after another beside the last vector's products; else an input is done with before the next one
  const tiles = takesHalfVectors(target)
    ? (["ocv", "mri", "mci"] as const)
    : (["mri", "mci", "ocv"] as const);
  return s
    .split("oc", ocv * lanes, ["oco", "oct"])
    .split("oct", lanes, ["ocv", "oci"])
    .split("mr", rows, ["mro", "mri"])
    .split("mc", columns, ["mco", "mci"])
    .reorder(...points, "oco", "mro", "mco", "mri", "mci", "ocv", "oci")
    .stage("acc", "mco")
    .fission("mri", "mci", "ocv", "oci")
    .split("ic", block, ["icb", "ici"])
    .split("icb", written ?? writtenOut(channels / block, tile, weights * 4, target), ["ico", "icu"])
    .reorder(...phases, "ico", "icu", "ici", ...tiles, "oci")
    .unroll(...(channels < lanes ? phases : []))
    .split("co", ocv * lanes, ["coo", "cot"])
    .split("cot", lanes, ["cov", "coi"]);
}
