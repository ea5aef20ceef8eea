import type { Command, CommandGroup } from "./command.ts";
import { advise } from "./commands/advise.ts";
import { analyze } from "./commands/analyze.ts";
import { bench } from "./commands/bench.ts";
import { bind } from "./commands/bind.ts";
import { boardsClean, boardsForget, boardsList } from "./commands/boards.ts";
import { compare } from "./commands/compare.ts";
import { compile } from "./commands/compile.ts";
import { dbBest, dbDiff, dbExport, dbList, dbMerge, dbPrune } from "./commands/db.ts";
import { doctor } from "./commands/doctor.ts";
import { explain } from "./commands/explain.ts";
import { exportResults } from "./commands/export.ts";
import { gateCalibrate } from "./commands/gate.ts";
import { historyAdd, historyShow } from "./commands/history.ts";
import { historyBisect } from "./commands/history-bisect.ts";
import { inspect } from "./commands/inspect.ts";
import { quantize } from "./commands/quantize.ts";
import { regroup } from "./commands/regroup.ts";
import { report } from "./commands/report.ts";
import { run } from "./commands/run.ts";
import { schedule } from "./commands/schedule.ts";
import { supportedOps } from "./commands/supported-ops.ts";
import { sweep } from "./commands/sweep.ts";
import { targetsList, targetsShow } from "./commands/targets.ts";
import { targetsCheck } from "./commands/targets-check.ts";
import { test } from "./commands/test.ts";
import { tune } from "./commands/tune.ts";
import { verify } from "./commands/verify.ts";
import { worker } from "./commands/worker.ts";
import { zooExport, zooList } from "./commands/zoo.ts";

/** Every command, in the order of --help. */
export const COMMANDS: readonly (Command | CommandGroup)[] = [
  compile,
  run,
  bench,
  verify,
  test,
  explain,
  schedule,
  inspect,
  analyze,
  regroup,
  quantize,
  sweep,
  advise,
  tune,
  worker,
  compare,
  { name: "gate", summary: "Rules by which measured times are judged", commands: [gateCalibrate] },
  exportResults,
  report,
  bind,
  {
    name: "db",
    summary: "Records of tuning: what logs hold, merged, compared, pruned, for other tools",
    commands: [dbBest, dbList, dbMerge, dbDiff, dbPrune, dbExport],
  },
  {
    name: "history",
    summary: "Results of test runs over time, and where they changed",
    commands: [historyAdd, historyShow, historyBisect],
  },
  doctor,
  {
    name: "boards",
    summary: "Boards that are known: who answers, what is kept there",
    commands: [boardsList, boardsClean, boardsForget],
    usual: boardsList,
  },
  {
    name: "targets",
    summary: "Boards that can be compiled for",
    commands: [targetsList, targetsShow, targetsCheck],
  },
  { name: "zoo", summary: "Well-known networks to try things on", commands: [zooList, zooExport] },
  supportedOps,
];
