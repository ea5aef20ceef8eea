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
