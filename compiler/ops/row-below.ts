import type { Sizes } from "../language/kernel.ts";
import { floatBytes, vectorBytes } from "../machine/isa-rows.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { isUnforeseen, LINE_BYTES } from "./estimate/memory-waits.ts";

type Rows = Sizes<"IH IW OH KH SH SW">;

/**
 * Whether rows of so many channels come from beyond the nearest cache, more than one is new for each row of outputs, and a prefetcher
 * follows fewer.
 */
export function asksBelow(d: Omit<Rows, "SW">, channels: number, target: Target): boolean {
  return d.SH > 1 && d.OH > 1 && isUnforeseen(d.KH, channels * d.IH * d.IW * floatBytes(target.isa), target);
}

interface Asked {
  readonly channels: number;
  readonly target: Target;
  readonly rows: "oh" | "oho";
  readonly ohi?: "ohi";
  readonly pixels?: "iw";
}

/**
 * Asks for rows before their turn, where that helps: in the loop `rows` over rows of outputs, kernel row by kernel row, each tile for what
 * the one below it will see there. Asked for all at once they would queue, and the core would wait.
 * @param pixels the loop over a tile's columns, if it is another than those of its outputs; `ohi`: over its rows, if it has several
 */
export function rowBelow<A extends string>(
  s: Schedule<A>,
  d: Rows,
  { channels, target, rows, ohi, pixels }: Asked,
): Schedule<A> {
  const asking = s as unknown as Schedule<"oh" | "oho" | "ohi" | "kh" | "owi" | "iw">;
  if (!asksBelow(d, channels, target) || asking.extent(rows) < 2) return s;
  const line = LINE_BYTES / vectorBytes(target.isa);
  const columns = pixels === undefined ? { owi: Math.max(1, Math.floor(line / d.SW)) } : { [pixels]: line };
  const over = ohi === undefined ? columns : { ohi: 1, ...columns };
  return asking.prefetchIfFew("x", rows, 1, over, "kh") as unknown as Schedule<A>;
}
