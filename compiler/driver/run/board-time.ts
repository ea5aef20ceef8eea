import type { ModelledCycles } from "../../device/model-cycles.ts";
import type { Board } from "../../machine/target.schema.ts";

/** Milliseconds of a board, from the model of its core. */
export interface BoardTime {
  readonly clockMHz: number;
  readonly ms: number;
  /** How far it may be off, as a part: published times that the board was not fitted to were; absent: none were compared. */
  readonly msWithin?: number;
}

/** Undefined where nobody knows the board's clock. */
export function boardTime(
  { clockMHz, published }: Board,
  { cycles, l1Misses }: Pick<ModelledCycles, "cycles" | "l1Misses">,
): BoardTime | undefined {
  if (clockMHz === undefined) return undefined;
  const coreMs = cycles / clockMHz / 1000;
  if (published === undefined) return { clockMHz, ms: coreMs };
  const { factor, missNs, leftOut } = published;
  return { clockMHz, ms: factor * coreMs + (missNs * l1Misses) / 1e6, msWithin: leftOut };
}
