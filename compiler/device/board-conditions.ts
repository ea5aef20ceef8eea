import { stateOfCores } from "./board-cores.ts";
import type { BoardState } from "./board-state.ts";

/** Governors that keep the clock where it is. */
const CONSTANT = ["performance", "userspace", "powersave"];
/** Boards hold their clock back from 80 or 85 °C on. */
const HOT = 70;
/** Of one core; what reads the state is at work, too. */
const LOADED = 0.5;
const FIRMWARE = ["too little power", "the clock is capped", "throttled", "too hot"];

/** What will show in times that are measured on a board as it is now, in a sentence each; nothing that it does not tell. */
export function conditionsOf(state: BoardState, cores: readonly number[] | undefined): string[] {
  const { governors, frequencyMHz, limitMHz, maxFrequencyMHz, temperatureC } = stateOfCores(state, cores);
  const changing = governors.filter((governor) => !CONSTANT.includes(governor));
  const isConstant = governors.length > 0 && changing.length === 0;
  const most = maxFrequencyMHz ?? 0;
  return [
    ...(changing.length === 0
      ? []
      : [`governor ${changing.join(", ")} changes the clock while times are measured: set \`performance\``]),
    ...(isConstant && frequencyMHz !== undefined && frequencyMHz < most
      ? [`the clock is ${frequencyMHz} of ${most} MHz`]
      : limitMHz !== undefined && limitMHz < most
        ? [`the clock may reach ${limitMHz} of ${most} MHz: a power mode or heat limits it`]
        : []),
    ...(temperatureC !== undefined && temperatureC >= HOT
      ? [`it is hot: ${temperatureC.toFixed(0)} °C (--cool-down 55C waits)`]
      : []),
    ...(state.load !== undefined && state.load >= LOADED
      ? [`other programs were at work: load ${state.load.toFixed(2)}`]
      : []),
    ...firmware(state),
  ];
}

function firmware({ throttling }: BoardState): string[] {
  if (throttling === undefined) return [];
  const words = (bits: number): string => FIRMWARE.filter((_, bit) => bits & (1 << bit)).join(", ");
  const { now, since } = throttling;
  if (now !== 0) return [`its firmware says: ${words(now)}`];
  return since === 0 ? [] : [`since it was started its firmware has seen: ${words(since)}`];
}
