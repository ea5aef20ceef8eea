import { seconds } from "../device/keeping-failures.ts";
import type { Announced } from "../driver/queue/worker-list.ts";
import { counted } from "../support/text.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** A row for each board and model that a queue's workers serve, then why boards are in quarantine. */
export async function desksText(
  desks: readonly Announced[],
  colors: Terminal["outColors"],
  now: number,
): Promise<string> {
  const rows = desks.map((desk) => [
    boardOf(desk),
    desk.places[0]?.target ?? "?",
    desk.quarantine === undefined ? stateOf(desk, colors) : colors.red("quarantine"),
    String(desk.done),
    healthOf(desk),
    desk.checked === undefined ? "" : ago(desk.checked, now),
    desk.worker,
    ago(desk.since, now),
  ]);
  const table = await plainTable(
    ["board", "target", "state", "jobs done", "health", "looked at", "worker", "since"],
    rows,
  );
  const reasons = desks.flatMap(({ board, quarantine }) =>
    quarantine === undefined ? [] : [`${board}: in quarantine: ${quarantine}`],
  );
  return [table, ...reasons].join("\n");
}

function boardOf({ board, places }: Announced): string {
  const [place] = places;
  if (board === undefined) return `model of ${place?.core ?? "a core"}`;
  return place === undefined || place.board === board ? board : `${board} (${place.board})`;
}

function stateOf({ busy }: Announced, colors: Terminal["outColors"]): string {
  return busy === 0 ? colors.green("free") : counted(busy, "job");
}

/** What its reference kernel takes, how warm it is, what its clock may reach. */
function healthOf({ health, places }: Announced): string {
  if (health === undefined) return "";
  const { cost, temperatureC, limitMHz } = health;
  const isModelled = places[0]?.kind === "modelled";
  return [
    ...(cost === undefined
      ? []
      : [isModelled ? `${Math.round(cost)} cycles` : `${(cost / 1000).toFixed(1)} µs`]),
    ...(temperatureC === undefined ? [] : [`${temperatureC.toFixed(0)} °C`]),
    ...(limitMHz === undefined ? [] : [`${limitMHz} MHz`]),
  ].join(", ");
}

function ago(then: number, now: number): string {
  return `${seconds(Math.max(0, now - then) / 1000)} ago`;
}

/** The same as JSON. */
export function desksJson(desks: readonly Announced[]): unknown {
  return desks.map(({ board, places, worker, build, busy, done, quarantine, health, checked, since }) => ({
    ...{ board: board ?? null, target: places[0]?.target, places, worker, build, busy, done },
    quarantine: quarantine ?? null,
    ...(health !== undefined && {
      health: { cost: health.cost, temperature_c: health.temperatureC, limit_mhz: health.limitMHz },
    }),
    ...(checked !== undefined && { checked: new Date(checked).toISOString() }),
    since: new Date(since).toISOString(),
  }));
}
