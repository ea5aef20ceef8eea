import type { TuneProgress, TuneReport } from "../driver/tune/tune-network.ts";
import type { Place, TuneLog } from "../driver/tune/tune-record.ts";
import type { Numerics } from "../ops/numerics.ts";
import { typedWord } from "../support/text.ts";
import { numericsWords } from "./shared-options.ts";
import { makeSteps, type Report } from "./steps.ts";
import type { Terminal } from "./terminal.ts";
import type { EnergyAnswer } from "./tune-energy.ts";

/** Runs a search with a log that is closed whatever happens, and shows how far it is. */
export async function searched(
  title: string,
  file: string,
  terminal: Terminal,
  search: (log: TuneLog, say: Report) => Promise<TuneReport>,
): Promise<TuneReport> {
  const { openTuneLog } = await import("../driver/tune/tune-record.ts");
  const log = await openTuneLog(file, terminal.note);
  try {
    return await makeSteps(terminal).run(title, (say) => search(log, say));
  } finally {
    await log.close();
  }
}

/** What a search on a place is called while it runs. */
export function tuningOn({ kind, core, board }: Place): string {
  return `tuning on ${kind === "modelled" ? `the model of ${core}` : board}`;
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
  readonly log: string;
  readonly json: boolean | undefined;
  readonly energy?: EnergyAnswer | undefined;
}

/** Tells what a search has found. */
export async function tellFound(
  { report, place }: Tuned,
  { log, json, energy }: Told,
  terminal: Terminal,
): Promise<void> {
  const { tuneJson, tuneText } = await import("./tune-text.ts");
  terminal.out(
    json
      ? JSON.stringify(tuneJson(report, place, log, energy), null, 2)
      : await tuneText(report, place, terminal.outColors, energy),
  );
  terminal.note(`log: ${log}`);
}

/** What was tuned, as it is compiled with what was found. */
interface ToCompile {
  readonly model: string;
  readonly target: string;
  readonly numerics: Numerics | undefined;
}

/** Tells what a search has found, and what can be done with it. */
export async function tellTuned(
  tuned: Tuned,
  { model, target, numerics, ...told }: Told & ToCompile,
  terminal: Terminal,
): Promise<void> {
  await tellFound(tuned, told, terminal);
  const options = ["--target", target, ...numericsWords(numerics), "--records", typedWord(told.log)];
  const shown = [typedWord(model), ...options].join(" ");
  const next = `next: \`tilewright compile ${shown} -o FOLDER\``;
  terminal.note(tuned.report.finished ? next : `${next}, or the same command again to go on`);
}
