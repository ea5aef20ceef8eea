import { execa } from "execa";
import { parseBoardState, stateScript } from "./board-state.ts";
import type { Runner } from "./runner.ts";
import { runInTempFolder } from "./temp-run.ts";

/** This machine as a board. */
export function localRunner(board: string): Runner {
  return {
    board,
    timing: "measured",
    run: (job) => runInTempFolder(board, [], job),
    readState: async () => {
      const result = await execa("sh", ["-c", stateScript()], {
        reject: false,
        stdin: "ignore",
        timeout: 20_000,
      });
      return parseBoardState(result.stdout);
    },
    close: async () => {},
  };
}
