import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { mapInLanes } from "../map.schedules.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import type { ElementwiseSizes } from "./elementwise.kernel.ts";

/** Channels in lanes, a constant operand's too (elementwise). */
export const elementwiseInLanes: NamedSchedule<ElementwiseSizes> = (generic, d, target): Scheduled => {
  const packed = d.CONSTANT && d.BC > 1 ? packChannels(generic, target) : generic;
  return mapInLanes(packed, d, target);
};

function packChannels(s: Schedule, { isa: { lanes } }: Target): Schedule {
  return s.pack("k", [...dims(0), outer(1, lanes), ...dims(2, 3), inner(1, lanes)]);
}
