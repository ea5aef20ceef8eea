import { execa } from "execa";
import { parseBoardState, stateScript } from "./board-state.ts";
import { energyScript } from "./energy.ts";
import { parseEnergyTrace, samplingWords } from "./energy-trace.ts";
import type { Runner } from "./runner.ts";
import { runInTempFolder } from "./temp-run.ts";

/** This machine as a board. */
export function localRunner(board: string): Runner {
  return {
    board,
    timing: "measured",
    run: (job) => runInTempFolder(board, [], job),
    readState: async () => parseBoardState(await scriptOutput(stateScript())),
    sampleEnergy: async (sampling) => {
      const seconds = 20 + sampling.count * sampling.everySeconds;
      const words = samplingWords(sampling);
      return parseEnergyTrace(await scriptOutput(energyScript(), words, seconds, sampling.signal));
    },
    close: async () => {},
  };
}

async function scriptOutput(
  script: string,
  words: readonly string[] = [],
  seconds = 20,
  signal?: AbortSignal,
): Promise<string> {
  const result = await execa("sh", ["-c", script, "sh", ...words], {
    ...{ reject: false, stdin: "ignore", timeout: 1000 * seconds },
    ...(signal !== undefined && { cancelSignal: signal }),
  });
  return result.stdout;
}
