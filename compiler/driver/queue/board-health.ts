import { median } from "simple-statistics";
import { z } from "zod";
import { conditionsOf } from "../../device/board-conditions.ts";
import { stateOfCores } from "../../device/board-cores.ts";
import type { BoardState } from "../../device/board-state.ts";
import type { Outcome } from "../tune/outcome.ts";
import { amount } from "../tune/tune-record.ts";

/** How a board is now: what became of its reference kernel, and what it says of itself. */
export interface HealthReading {
  readonly outcome: Outcome;
  readonly state?: BoardState | undefined;
}

export const healthSchema = z.object({
  /** Nanoseconds or cycles of the reference kernel. */
  cost: amount.optional(),
  temperatureC: z.number().optional(),
  /** What each of its cores may reach. */
  limitMHz: amount.optional(),
});
/** A board's health in numbers. */
export type Health = z.infer<typeof healthSchema>;

/** Parts by which the reference kernel, and the clock, may be off what they were. */
const MOST_OFF = 0.03;

export function healthOf({ outcome, state }: HealthReading): Health {
  const { temperatureC, limitMHz } = state === undefined ? {} : stateOfCores(state, undefined);
  const cost = outcome.outcome === "ok" ? costOf(outcome.cost) : undefined;
  return {
    ...(cost !== undefined && { cost }),
    ...(temperatureC !== undefined && { temperatureC }),
    ...(limitMHz !== undefined && { limitMHz }),
  };
}

function costOf(cost: Extract<Outcome, { outcome: "ok" }>["cost"]): number {
  return cost.kind === "modelled" ? cost.cycles : median([...cost.ns]);
}

/** Why a board gets no jobs; undefined where it is well. `before`: when it was well for the first time. */
export function whyUnwell({ outcome, state }: HealthReading, before: Health | undefined): string | undefined {
  if (outcome.outcome !== "ok") return `its reference kernel: ${outcome.outcome}: ${outcome.why}`;
  const said =
    state && conditionsOf(state, undefined).find((text) => /^(it is hot|its firmware says)/.test(text));
  if (said !== undefined) return said;
  const now = healthOf({ outcome, state });
  return (
    offBy("its clock may reach", now.limitMHz, before?.limitMHz, (mhz) => `${mhz} MHz`) ??
    offBy(
      "its reference kernel takes",
      now.cost,
      before?.cost,
      outcome.cost.kind === "modelled"
        ? (n) => `${Math.round(n)} cycles`
        : (n) => `${(n / 1000).toFixed(1)} µs`,
    )
  );
}

function offBy(
  what: string,
  now: number | undefined,
  before: number | undefined,
  text: (n: number) => string,
): string | undefined {
  if (now === undefined || before === undefined || before === 0) return undefined;
  const off = now / before - 1;
  if (Math.abs(off) <= MOST_OFF) return undefined;
  return `${what} ${text(now)}, ${text(before)} when it was well (${off > 0 ? "+" : ""}${(100 * off).toFixed(0)} %)`;
}
