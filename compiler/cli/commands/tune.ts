import { availableParallelism } from "node:os";
import type { Runner } from "../../device/runner.ts";
import type { TuneBoard } from "../../driver/tune/open-meter.ts";
import { STRATEGY_NAMES, type Strategy } from "../../driver/tune/strategy-names.ts";
import type { TuneOptions, TuneReport } from "../../driver/tune/tune-network.ts";
import type { Place } from "../../driver/tune/tune-record.ts";
import type { Numerics } from "../../ops/numerics.ts";
import { boardAccess } from "../board-access.ts";
import { type Context, defineCommand } from "../command.ts";
import { COOL_DOWN, celsius, placeAndWarn } from "../effort.ts";
import { liveState, onceEach } from "../live-state.ts";
import { wholeNumber } from "../numbers.ts";
import { openCrew } from "../open-crew.ts";
import { QUEUE } from "../queue-options.ts";
import { READING } from "../reading-options.ts";
import {
  BOARD_ACCESS,
  BOARDS,
  JOBS,
  JSON_OUTPUT,
  METER,
  MODEL,
  NUMERICS,
  TARGET,
  THREADS,
} from "../shared-options.ts";
import { makeSteps } from "../steps.ts";
import { readBudget } from "../tune-budget.ts";
import type { EnergyAnswer } from "../tune-energy.ts";
import { layersOf } from "../tune-layers.ts";
import { type Planned, planOf } from "../tune-plan.ts";
import { tableOf, tuneRecorded } from "../tune-recorded.ts";
import { searched, tellProgress, tellTuned, tuningOn } from "../tune-search.ts";
import { missingArgument } from "../usage-errors.ts";

export const tune = defineCommand({
  name: "tune",
  summary: "Search faster kernels for a network on a board, or on the model of a core",
  positionals: [{ ...MODEL, required: false }],
  options: {
    board: {
      ...BOARDS,
      describe: `${BOARDS.describe}; table:FILE searches what was recorded, without MODEL`,
    },
    target: { ...TARGET, describe: "what to compile for; without --board: tune on the model of its core" },
    queue: { ...QUEUE, describe: `build and measure by workers of a queue: ${QUEUE.describe}` },
    budget: {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "when to end: 10m, 90s, 200 (trials), or both (default: until nothing promises more)",
    },
    layer: { type: "string", array: true, requiresArg: true, describe: "tune only the layers of this name" },
    log: {
      type: "string",
      requiresArg: true,
      describe: "file of what was tried, to go on from (default .tilewright/tune/...)",
    },
    search: {
      type: "string",
      choices: STRATEGY_NAMES,
      default: "learned",
      describe: "which candidates come first: what trials so far promise, or other orders to compare with",
    },
    seed: { type: "number", describe: "of all that is random (default 1)" },
    energy: {
      type: "boolean",
      default: false,
      describe:
        "joules an inference with the winners beside those of what is estimated, where the board has a sensor",
    },
    meter: METER,
    "explain-space": { type: "boolean", describe: "count what could be tried, and try nothing" },
    threads: THREADS,
    "cool-down": COOL_DOWN,
    ...READING,
    numerics: NUMERICS,
    ...BOARD_ACCESS,
    jobs: JOBS,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright tune model.onnx --board user@host --target BOARD --budget 10m", "tune on a board over ssh"],
    ["tilewright tune model.onnx --board pi@a --board pi@b", "spread over equal boards"],
    ["tilewright tune model.onnx --target BOARD", "tune on the model of the board's core"],
    ["tilewright tune model.onnx --queue redis://hub --target BOARD", "by whoever runs `tilewright worker`"],
    ["tilewright tune --board table:FILE --search random", "study a search over recorded results"],
  ],
  run: async (values, context) => {
    const { terminal } = context;
    const { board } = values;
    const file = tableOf(board);
    if (file === undefined && values.words.MODEL === undefined) throw missingArgument("MODEL", "tune");
    if (board === undefined && values.target === undefined)
      throw missingArgument("--board or --target", "tune");
    const settings = settingsOf(values);
    if (file !== undefined) {
      return tuneRecorded(file, values, settings, context);
    }
    if (values.queue !== undefined && !values["explain-space"])
      return (await import("../tune-queued.ts")).tuneOverQueue(
        { ...values, queue: values.queue },
        settings,
        context,
      );
    const { loadTarget } = await import("../../machine/load.ts");
    const { findBoards } = await import("../../driver/boards/open-boards.ts");
    const access = { ...boardAccess(values), notice: terminal.note, signal: context.signal };
    const found = board && (await findBoards(board, values.target, access));
    const wanted = found?.target ?? loadTarget(values.target ?? "");
    const steps = makeSteps(terminal);
    const planned = await planOf(values, wanted, steps);
    const layers = layersOf(values.layer, planned.plan.steps);
    if (values["explain-space"]) {
      terminal.out(await (await import("../tune-text.ts")).spaceText(planned, planned.contests(), layers));
      return;
    }
    const model = values.words.MODEL ?? "";
    const { logFile } = await import("../../driver/run/log-file.ts");
    const log = values.log ?? logFile("tune", model, board?.join("+") ?? `${wanted.name}-model`);
    const crew =
      found && (await steps.run(`connecting to ${found.names.join(", ")}`, () => openCrew(found, access)));
    try {
      const tuning = await tuned(planned, crew ?? [], { ...settings, layers, log }, context);
      const energy = await energyWanted(values, planned, tuning.cores, log, crew?.[0], context);
      const { json, numerics } = values;
      await tellTuned(tuning, { model, target: wanted.name, numerics, log, json, energy }, terminal);
    } finally {
      await Promise.all((crew ?? []).map((runner) => runner.close()));
    }
  },
});

interface EnergyValues extends SettingValues {
  readonly energy?: boolean | undefined;
  readonly meter?: string | undefined;
  readonly numerics?: Numerics | undefined;
}

/** Undefined where nobody asks for it. */
async function energyWanted(
  values: EnergyValues,
  { network, target }: Planned,
  cores: readonly number[] | undefined,
  log: string,
  runner: Runner | undefined,
  context: Context,
): Promise<EnergyAnswer | undefined> {
  if (!values.energy && values.meter === undefined) return undefined;
  const { energyOfTune } = await import("../tune-energy.ts");
  const { threads, jobs } = settingsOf(values);
  const { numerics, meter } = values;
  return energyOfTune({ network, target, numerics, log, runner, threads, cores, jobs, meter }, context);
}

interface SettingValues {
  readonly budget?: readonly string[] | undefined;
  readonly threads?: number | undefined;
  readonly jobs?: number | undefined;
  readonly seed?: number | undefined;
  readonly search?: Strategy | undefined;
  readonly "cool-down"?: string | undefined;
}

/** How it is searched, and how long. Throws C205. */
function settingsOf({ budget, threads, jobs, seed, search = "learned", ...values }: SettingValues) {
  return {
    coolDownC: celsius(values["cool-down"]),
    budget: readBudget(budget ?? []),
    threads: wholeNumber("threads", threads, 1, 1),
    jobs: wholeNumber("jobs", jobs, 1, availableParallelism()),
    seed: wholeNumber("seed", seed, 0, 1),
    strategy: search,
  };
}

type Settings = Pick<TuneOptions, "budget" | "strategy" | "seed" | "layers"> & {
  readonly threads: number;
  readonly jobs: number;
  readonly coolDownC?: number | undefined;
  readonly log: string;
};

async function tuned(
  planned: Planned,
  crew: readonly Runner[],
  { threads, jobs, log: file, coolDownC, ...settings }: Settings,
  { terminal, signal }: Context,
): Promise<{
  readonly report: TuneReport;
  readonly place: Place;
  readonly cores?: readonly number[] | undefined;
}> {
  const { openMeter } = await import("../../driver/tune/open-meter.ts");
  const { tuneNetwork } = await import("../../driver/tune/tune-network.ts");
  const { shippedRecords } = await import("../../driver/tune/records/shipped-records.ts");
  const { target } = planned;
  const boards: TuneBoard[] = [];
  for (const runner of crew) {
    const { cores } = await placeAndWarn(runner, target, undefined, threads, terminal);
    boards.push({ runner, cores });
  }
  const live = liveState();
  let onWait: (text: string) => void = () => {};
  const watch = {
    ...{ coolDownC, onState: live.note, onThrottled: onceEach(terminal.note) },
    onWait: (text: string) => onWait(text),
  };
  const options = { target, boards, threads, jobs, watch, notice: terminal.note, signal };
  const hints = await shippedRecords();
  const { meter, place } = await openMeter(options);
  const report = await searched(tuningOn(place), file, terminal, (log, say) => {
    onWait = say;
    return tuneNetwork(planned, planned.contests, {
      ...settings,
      ...{ place, meter, log, hints, signal },
      onProgress: tellProgress(say, live.text),
    });
  });
  return { report, place, cores: boards[0]?.cores };
}
