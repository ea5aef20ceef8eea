import type { Intent } from "../../artifact/intent.ts";
import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import { type ProductTile, productKind, targetProducts } from "../product-tiles.ts";
import { keepTile, offered } from "../tiles.ts";
import { type ProductAxes, products } from "../winograd/products.schedules.ts";

/** Part of the first cache that the weights of a tile's channels and its pairs' sums may take: else they drive each other out. A policy. */
const STAYS = 0.65;
/** Loads for each multiply-add that a tile is worse by which does not stay. A policy: 16 channels of many go before four that stay. */
const DRIVEN_OUT = 0.1;
/** The same of a tile of an odd number of vectors: weights are loaded in pairs, of which one belongs to the next channel. Fitted; a core in order, which waits for loads, has more of a larger tile. */
const ODD_VECTORS = 0.05;

/** Tiles worth trying, first the one with the fewest loads, weights that do not stay in the first cache counted in. */
export function pairTiles(
  { TR, TC, HOC, RC }: Sizes<"TR TC HOC RC">,
  target: Target,
): readonly ProductTile[] {
  const { isa, core } = target;
  const cost = (tile: ProductTile): number => {
    const { rows, columns, ocv, cost: loads } = tile;
    const stays = (rows * columns + ocv * isa.lanes) * RC * 4 <= STAYS * core.l1dBytes;
    const odd = ocv % 2 === 0 || core.inOrder ? 0 : ODD_VECTORS;
    return loads + (stays ? 0 : DRIVEN_OUT) + odd;
  };
  const tiles = targetProducts({ TR, TC, OC: HOC }, target);
  return offered(
    tiles.map((tile) => ({ ...tile, cost: cost(tile) })),
    productKind,
  );
}

/**
 * A tile of an odd number of vectors has weights loaded together with the next channel's: those live longer, and the allocator that
 * otherwise keeps accumulators where they are moves them (up to a fifth of all instructions; modelled A76).
 */
export function pairIntents({ ocv }: ProductTile, target: Target): readonly Intent[] {
  return keepTile(target).filter((intent) => ocv % 2 === 0 || intent !== "keep-registers");
}

/** Weights and products by blocks of output channels, sums of inputs by tiles of pairs: what a tile reads lies in one sequence. */
export function packed<A extends string>(s: Schedule<A>, tile: ProductTile, lanes: number): Schedule<A> {
  const oct = tile.ocv * lanes;
  return s
    .pack("u", [...dims(0), outer(2, oct), ...dims(1, 3), inner(2, oct)])
    .pack("v", [
      ...[...dims(3), outer(0, tile.rows), outer(1, tile.columns), outer(2, lanes)],
      ...[inner(0, tile.rows), inner(1, tile.columns), inner(2, lanes)],
    ])
    .pack("m", [...dims(3, 0, 1), outer(2, oct), inner(2, oct)]);
}

/**
 * The seven products of a tile of pairs, written out. Where there is one vector of output channels, one block of input channels only: of
 * several gcc takes the sums of one pair after another, each of which waits for itself (modelled A72: up to 40 % more cycles, A53 20 %).
 */
export function pairProducts<A extends string>(
  s: Schedule<ProductAxes | A>,
  d: Sizes<"G RC">,
  target: Target,
  tile: ProductTile,
) {
  const sums = { phases: [], channels: d.RC, ...(tile.ocv === 1 ? { written: 1 } : {}) } as const;
  return products(s, d, target, tile, ["k"], sums).unroll("icu", "ici", "mri", "mci", "ocv").vectorize("oci");
}
