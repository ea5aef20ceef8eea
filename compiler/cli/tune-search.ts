import type { TuneProgress, TuneReport } from "../driver/tune/tune-network.ts";
import type { Place, TuneLog } from "../driver/tune/tune-record.ts";
import { typedWord } from "../support/text.ts";
import { makeSteps, type Report } from "./steps.ts";
import type { Terminal } from "./terminal.ts";
import type { EnergyAnswer } from "./tune-energy.ts";

/** Runs a search with a log that is closed whatever happens, and shows how far it is. */
export async function searched(
  place: Place,
  file: string,
  terminal: Terminal,
  search: (log: TuneLog, say: Report) => Promise<TuneReport>,
  by = "",
): Promise<TuneReport> {
  const { openTuneLog } = await import("../driver/tune/tune-record.ts");
  const log = await openTuneLog(file, terminal.note);
  try {
    const where = place.kind === "modelled" ? `the model of ${place.core}` : place.board;
    return await makeSteps(terminal).run(`tuning on ${where}${by}`, (say) => search(log, say));
  } finally {
    await log.close();
  }
}

/** What is told while a search runs; `more`: what else is to be seen of its boards. */
export function tellProgress(say: Report, more: () => string = () => ""): (progress: TuneProgress) => void {
  return ({ layer, trials, gain }) =>
    say(`${trials} trials, ${(100 * gain).toFixed(1)} % saved, ${layer}${more()}`);
}

interface Tuned {
  readonly report: TuneReport;
  readonly place: Place;
}
interface Told {
  readonly model: string;
  readonly target: string;
  readonly log: string;
  readonly json: boolean | undefined;
  readonly energy?: EnergyAnswer | undefined;
}

/** Tells what a search has found, and what can be done with it. */
export async function tellTuned(
  { report, place }: Tuned,
  { model, target, log, json, energy }: Told,
  terminal: Terminal,
): Promise<void> {
  const { tuneJson, tuneText } = await import("./tune-text.ts");
  terminal.out(
    json
      ? JSON.stringify(tuneJson(report, place, log, energy), null, 2)
      : await tuneText(report, place, terminal.outColors, energy),
  );
  const shown = `${typedWord(model)} --target ${target} --records ${typedWord(log)}`;
  const next = `next: \`tilewright compile ${shown} -o FOLDER\``;
  terminal.note(`log: ${log}`);
  terminal.note(report.finished ? next : `${next}, or the same command again to go on`);
}
