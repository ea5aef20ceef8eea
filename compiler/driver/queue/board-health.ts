import { median } from "simple-statistics";
import { z } from "zod";
import { conditionsOf } from "../../device/board-conditions.ts";
import { stateOfCores } from "../../device/board-cores.ts";
import type { BoardState } from "../../device/board-state.ts";
import { contentKey } from "../../support/stable.ts";
import type { Outcome } from "../tune/outcome.ts";
import { amount } from "../tune/tune-record.ts";
import type { DeskAbout } from "./desk.ts";
import { PREFIX, type QueueLink } from "./open-queue.ts";

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
const KEPT_SECONDS = 90 * 86_400;

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

/** Judges a board by what it was when it was first found well, which the queue's server keeps. */
export async function judgeHealth(
  { redis }: QueueLink,
  about: DeskAbout,
  reading: HealthReading,
): Promise<string | undefined> {
  const key = healthKey(about);
  const why = whyUnwell(reading, readHealth(await redis.get(key)));
  if (why !== undefined) return why;
  await redis.set(key, JSON.stringify(healthOf(reading)), "EX", KEPT_SECONDS, "NX");
  await redis.expire(key, KEPT_SECONDS);
  return undefined;
}

/** Takes a board as it is now for what it should be. */
export async function forgetHealth({ redis }: QueueLink, about: DeskAbout): Promise<void> {
  await redis.del(healthKey(about));
}

function healthKey({ board, build, places }: DeskAbout): string {
  return `${PREFIX}:health:${contentKey({ board, build, places })}`;
}

function readHealth(text: string | null): Health | undefined {
  if (text === null || text.length > 1000) return undefined;
  try {
    return healthSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
