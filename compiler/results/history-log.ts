import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../support/diagnostic.ts";
import { type LineLog, type LogKind, openLineLog, readLineLog } from "../support/line-log.ts";
import { type HistoryFigures, type HistoryLine, historyLineSchema } from "./history.schema.ts";
import { medianOf } from "./median.ts";
import type { CaseResult, Figures, Results } from "./results.schema.ts";

/** In the folder of a history. */
export const HISTORY_FILE = "history.jsonl";

const KIND: LogKind<HistoryLine> = {
  schema: historyLineSchema,
  unusable: (path, why, cause) =>
    new UserError(
      { code: "R171", exit: "usage", title: `the history \`${path}\` cannot be used`, why },
      { cause },
    ),
  onOdd: (path, line, why) => {
    throw new UserError({
      code: "R172",
      exit: "badInput",
      title: `\`${path}\` holds something else than runs of test suites`,
      where: `line ${line}`,
      why,
      help: ["remove that line, or give another folder"],
    });
  },
};

/** Opens the history of a folder, creating both where they are not. Throws R171, R172. */
export function openHistory(folder: string): Promise<LineLog<HistoryLine>> {
  return openLineLog(join(folder, HISTORY_FILE), KIND);
}

/** The runs of a history, in the order they were added. Throws R171, R172, and R173 where there are none. */
export async function readHistory(folder: string): Promise<readonly HistoryLine[]> {
  const lines = await readLineLog(join(folder, HISTORY_FILE), KIND);
  if (lines.length > 0) return lines;
  throw new UserError({
    code: "R173",
    exit: "badInput",
    title: `\`${folder}\` holds no history`,
    why: existsSync(folder) ? `there is no \`${HISTORY_FILE}\` in it, or nothing in that` : "it is not there",
    help: [`\`tilewright history add RESULTS.json --to ${folder}\` begins one`],
  });
}

/** What a history keeps of a run: figures as single numbers, and which kernel each layer had. */
export function historyLine({ tilewright, suite, label, date, cases }: Results): HistoryLine {
  return {
    format: "tilewright-history",
    version: 1,
    tilewright,
    suite,
    ...(label !== undefined && { label }),
    ...(date !== undefined && { date }),
    cases: cases.map(keptCase),
  };
}

function keptCase(result: CaseResult): HistoryLine["cases"][number] {
  const { name, board, target, core, isa, timing, threads, compiler, verdict, whole, layers } = result;
  return {
    ...{ name, board, target, core, isa, timing, threads },
    ...(compiler !== undefined && { compiler }),
    ...{ verdict, whole: keptFigures(whole) },
    layers: layers.map((layer) => ({
      name: layer.name,
      kernel: layer.kernel,
      figures: keptFigures(layer.figures),
    })),
  };
}

function keptFigures(figures: Figures): HistoryFigures {
  const { instructions, cycles, ns, codeBytes, weightBytes, arenaBytes, ofBound } = figures;
  const exact = { instructions, cycles, codeBytes, weightBytes, arenaBytes };
  const known = Object.entries(exact).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(known),
    ...(ns !== undefined && ns.length > 0 && { ns: medianOf(ns) }),
    ...(typeof ofBound === "number" && { ofBound }),
  };
}
