import { stateOfCores } from "../device/board-cores.ts";
import type { BoardState } from "../device/board-state.ts";

/** Heat and clock of boards as they were last seen, for a line that is drawn anew; nothing of boards that tell nothing. */
export function liveState(): {
  readonly note: (board: string, state: BoardState) => void;
  readonly text: () => string;
} {
  const seen = new Map<string, string>();
  return {
    note: (board, state) => {
      const { temperatureC, frequencyMHz } = stateOfCores(state, undefined);
      const told = [
        ...(temperatureC === undefined ? [] : [`${temperatureC.toFixed(0)} °C`]),
        ...(frequencyMHz === undefined ? [] : [`${frequencyMHz} MHz`]),
      ];
      if (told.length > 0) seen.set(board, told.join(" "));
    },
    text: () => [...seen].map(([board, told]) => `, ${seen.size > 1 ? `${board} ` : ""}${told}`).join(""),
  };
}

/** Tells of throttled times once for each board and reason: a hot board gives hundreds. */
export function onceEach(note: (text: string) => void): (board: string, why: string) => void {
  const told = new Set<string>();
  return (board, why) => {
    if (!told.has(`${board} ${why}`))
      note(`warning: times of \`${board}\` do not count and are taken again: ${why}`);
    told.add(`${board} ${why}`);
  };
}
