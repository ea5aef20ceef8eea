import { execa } from "execa";
import { parseBoardState, stateScript } from "./board-state.ts";
import { energyScript, parseEnergy } from "./energy.ts";
import type { Runner } from "./runner.ts";
import { runInTempFolder } from "./temp-run.ts";

/** This machine as a board. */
export function localRunner(board: string): Runner {
  return {
    board,
    timing: "measured",
    run: (job) => runInTempFolder(board, [], job),
    readState: async () => parseBoardState(await scriptOutput(stateScript())),
    readEnergy: async () => parseEnergy(await scriptOutput(energyScript())),
    close: async () => {},
  };
}

async function scriptOutput(script: string): Promise<string> {
  const result = await execa("sh", ["-c", script], { reject: false, stdin: "ignore", timeout: 20_000 });
  return result.stdout;
}
