import { type OpenBoardOptions, openBoard } from "../../device/open-board.ts";
import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { CaseResult, Results } from "../../results/results.schema.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { UserError } from "../../support/diagnostic.ts";
import { packageVersion } from "../../support/version.ts";
import type { Say } from "../progress.ts";
import { targetOf } from "../run/board-target.ts";
import type { GoldenKeeper } from "./golden/keep-golden.ts";
import { describe, failedCase, runCase } from "./run-case.ts";
import type { TestCase } from "./test-cases.ts";

export interface SuiteOptions {
  readonly suite: string;
  /** What the user calls this run. */
  readonly label?: string;
  /** How boards are opened. */
  readonly access?: OpenBoardOptions;
  /** Folder for C files that show what is wrong; absent: none are written. */
  readonly reproducers?: string;
  /** Whether the smallest layer that fails is looked for. */
  readonly shrink?: boolean;
  /** Keeps the outputs of cases that are right; who opened it finishes it. */
  readonly golden?: GoldenKeeper;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** Shows a case while it is at work. */
  readonly around?: (title: string, work: (say: Say) => Promise<CaseResult>) => Promise<CaseResult>;
  readonly onCase?: (result: CaseResult) => void;
}

/** Runs cases one after the other, each board opened once. What goes wrong with one does not end the others. */
export async function runSuite(cases: readonly TestCase[], options: SuiteOptions): Promise<Results> {
  const { signal, note, timeoutSeconds, onCase } = options;
  const { reproducers, shrink = false, golden } = options;
  const given = { shrink, ...(reproducers !== undefined && { reproducers }), ...(golden && { golden }) };
  const around = options.around ?? ((_, work) => work(() => {}));
  const boards = new Map<string, Promise<Place>>();
  const results: CaseResult[] = [];
  try {
    for (const [i, test] of cases.entries()) {
      signal.throwIfAborted();
      const key = JSON.stringify([test.board, test.target]);
      const place = boards.get(key) ?? openPlace(test, options);
      boards.set(key, place);
      const result = await around(`${i + 1} of ${cases.length}, ${test.name}`, async (say) => {
        const opened = await settled(place);
        return opened instanceof UserError
          ? failedCase(describe(test), opened, 0)
          : runCase(test, { ...opened, ...given, timeoutSeconds, signal, note }, say);
      });
      results.push(result);
      onCase?.(result);
    }
  } finally {
    for (const place of boards.values()) {
      const opened = await settled(place);
      if (!(opened instanceof UserError)) await opened.runner.close();
    }
  }
  return suiteResults(results, options);
}

/** The results of some cases as a file has them. */
export function suiteResults(
  cases: readonly CaseResult[],
  { suite, label }: Pick<SuiteOptions, "suite" | "label">,
): Results {
  return {
    format: "tilewright-results",
    version: 1,
    tilewright: { version: packageVersion(), build: compilerBuild() },
    suite,
    ...(label !== undefined && { label }),
    cases: [...cases],
  };
}

interface Place {
  readonly runner: Runner;
  readonly target: Target;
}

async function openPlace(
  { board, target: wanted }: TestCase,
  { access, note, signal }: SuiteOptions,
): Promise<Place> {
  const target = await targetOf(board, wanted, { ...access, notice: note, signal });
  const { runner } = await openBoard(board, { target, ...access, notice: note, signal });
  return { runner, target };
}

/** A user's mistake, or a board's, as a value: every case of that board has it as its result. */
async function settled(place: Promise<Place>): Promise<Place | UserError> {
  try {
    return await place;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}
