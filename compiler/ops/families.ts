import { columnsInLanes, pickByColumns } from "./columns.schedules.ts";
import { mapInLanes, mapInRows, pickMap } from "./map.schedules.ts";
import type { NamedSchedule, Operator } from "./op.ts";
import { plain } from "./plain.schedules.ts";

/** What operators whose sizes are at least `D` have in common. */
type Family<D = never> = Pick<Operator<D>, "schedules" | "pick" | "macs">;

/** Operators that compare, add or move have no multiply-accumulates. */
export const none = (): number => 0;

/** What is done to each element of a tensor. */
export const MAP = {
  schedules: { "in-lanes": mapInLanes, "in-rows": mapInRows, plain },
  pick: pickMap,
  macs: none,
} as const satisfies Family;

/** What lies behind an axis in lanes. */
export const COLUMNS = {
  schedules: { columns: columnsInLanes, plain },
  pick: pickByColumns,
  macs: none,
} as const satisfies Family;

/** Loops as they are written. */
export const PLAIN = { schedules: { plain }, pick: () => "plain", macs: none } as const satisfies Family;

/** Without products, always by the same schedule. */
export function by<D>(name: string, schedule: NamedSchedule<D>): Family<D> {
  return { schedules: { [name]: schedule, plain }, pick: () => name, macs: none };
}
