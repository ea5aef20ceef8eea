import type { Sizes } from "../language/kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { inWholeBlocks } from "./tiles.ts";

/** Loops as they are written, the outermost ones divided among threads. */
export const plain: NamedSchedule = (s): Scheduled => ({ schedule: s, choice: "plain loops" });

/** `in-lanes` when the channels of what is read (or, with nothing read, written) are blocked, else the plain loops. */
export function pickByChannels(s: Schedule, d: Sizes<"C">, target: Target): "in-lanes" | "plain" {
  const channels = s.proc.params.find((p) => p.role !== "weight")?.storage;
  return inWholeBlocks(channels, 1, d.C, target.isa.lanes) ? "in-lanes" : "plain";
}

/** `rows` where channels are not blocked. */
export function pickOrRows(s: Schedule, d: Sizes<"C">, target: Target): "in-lanes" | "rows" {
  return pickByChannels(s, d, target) === "in-lanes" ? "in-lanes" : "rows";
}
