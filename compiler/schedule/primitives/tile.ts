import { z } from "zod";
import type { LoopProc } from "../../ir/proc.ts";
import { factor, knownName, newName, tail } from "../fields.ts";
import { definePrimitive } from "../primitive.ts";
import { applyParts, checkParts, type Part, part } from "./composite.ts";
import { reorder } from "./reorder.ts";
import { split } from "./split.ts";

const schema = z.strictObject({
  op: z.literal("tile"),
  axes: z.tuple([knownName, knownName]),
  factors: z.tuple([factor, factor]),
  /** Names of the loops over tiles, then of those inside a tile. */
  into: z.tuple([newName, newName, newName, newName]),
  tail,
});
export type TileStep = Readonly<z.infer<typeof schema>>;

/**
 * Splits two loops of a perfect nest and puts both loops over tiles outside both loops inside a tile.
 *
 * ```ts before
 * for (const i of range(4)) { for (const j of range(16)) { y[i][j] = x[j][i]; } }
 * ```
 * ```ts after tile(["i", "j"], [2, 8], ["io", "jo", "ii", "ji"])
 * for (const io of range(2)) { for (const jo of range(2)) {
 *   for (const ii of range(2)) { for (const ji of range(8)) {
 *     y[io * 2 + ii][jo * 8 + ji] = x[jo * 8 + ji][io * 2 + ii];
 *   } }
 * } }
 * ```
 */
export const tile = definePrimitive<TileStep>({
  op: "tile",
  schema,
  check: (proc, step, rules) => checkParts(proc, rules, partsOf(step)),
  apply: (proc, step) => applyParts(proc, partsOf(step)),
});

/** The second loop is split after it has passed the first one's tile, so that each piece of a cut keeps a nest. */
function partsOf({ axes, factors, into, tail }: TileStep): readonly ((proc: LoopProc) => Part)[] {
  const [io, jo, ii, ji] = into;
  const [i, j] = axes;
  return [
    () => part(split, { op: "split", axis: i, factor: factors[0], into: [io, ii], tail }),
    () => part(reorder, { op: "reorder", order: [j, ii] }),
    () => part(split, { op: "split", axis: j, factor: factors[1], into: [jo, ji], tail }),
    () => part(reorder, { op: "reorder", order: [ii, ji] }),
  ];
}
