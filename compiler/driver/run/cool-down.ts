import { setTimeout as sleep } from "node:timers/promises";
import { stateOfCores } from "../../device/board-cores.ts";
import type { Runner } from "../../device/runner.ts";
import { UserError } from "../../support/diagnostic.ts";

export interface CoolDown {
  /** Degrees Celsius; absent: nothing is waited for. */
  readonly coolDownC?: number | undefined;
  readonly signal?: AbortSignal;
  readonly say?: ((text: string) => void) | undefined;
  /** How long is waited at most, and between two looks. */
  readonly mostSeconds?: number;
  readonly everyMs?: number;
}

/**
 * Waits until the cores' part of the board is as cool as wanted; returns the seconds it took. Throws D174 for a board that tells
 * no temperature, D175 for one that stays hotter.
 */
export async function coolDown(
  { board, readState }: Pick<Runner, "board" | "readState">,
  cores: readonly number[] | undefined,
  { coolDownC, signal, say, mostSeconds = 600, everyMs = 2000 }: CoolDown,
): Promise<number> {
  if (coolDownC === undefined) return 0;
  for (let waited = 0; ; waited += everyMs / 1000) {
    signal?.throwIfAborted();
    const state = await readState?.();
    const now = state && stateOfCores(state, cores).temperatureC;
    if (now === undefined) throw noTemperature(board);
    if (now <= coolDownC) return waited;
    if (waited >= mostSeconds) throw tooHot(board, now, coolDownC, waited);
    say?.(`${now.toFixed(0)} °C, waiting for ${coolDownC} °C`);
    await sleep(everyMs, undefined, signal && { signal }).catch(() => {});
  }
}

function noTemperature(board: string): UserError {
  return new UserError({
    code: "D174",
    exit: "usage",
    title: `\`${board}\` cannot be waited for to cool down`,
    why: "it tells no temperature (/sys/class/thermal)",
    help: ["leave --cool-down out"],
  });
}

function tooHot(board: string, now: number, wanted: number, seconds: number): UserError {
  return new UserError({
    code: "D175",
    exit: "boardRefused",
    title: `\`${board}\` does not cool down to ${wanted} °C`,
    why: `it still has ${now.toFixed(1)} °C after ${Math.round(seconds)} s`,
    help: [
      "give it a fan or a heat sink, close what else runs there, or wait for less: a higher --cool-down",
    ],
  });
}
