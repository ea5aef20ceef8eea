import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { mapInLanes } from "../map.schedules.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";

/** Channels in lanes, a constant operand's too (elementwise). */
export const elementwiseInLanes: NamedSchedule = (generic, d, target): Scheduled => {
  const packed = d.CONSTANT && d.BC > 1 ? packChannels(generic, target) : generic;
  return mapInLanes(packed, d, target);
};

function packChannels(s: Schedule, { isa: { lanes } }: Target): Schedule {
  const whole = (dim: number) => ({ part: "whole", dim }) as const;
  return s.pack("k", [
    whole(0),
    { part: "outer", dim: 1, factor: lanes },
    whole(2),
    whole(3),
    { part: "inner", dim: 1, factor: lanes },
  ]);
}
