import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { readResults } from "../../results/read-results.ts";
import type { Results } from "../../results/results.schema.ts";
import { assertNever } from "../../support/assert.ts";
import { UserError } from "../../support/diagnostic.ts";
import { PACKAGE_ROOT } from "../../support/paths.ts";
import { inTemporaryFolder } from "../../support/temporary-folder.ts";
import { runProgram } from "../../toolchain/run-program.ts";
import type { Say } from "../progress.ts";
import { withCommit } from "./commit-tree.ts";
import { type Side, sideName } from "./side.ts";

/** What is run on both sides. */
export interface SuiteRun {
  /** A suite or a model, as it is typed. */
  readonly suite: string;
  /** More words of `tilewright test`. */
  readonly words: readonly string[];
  readonly say: Say;
  readonly signal: AbortSignal;
}

/**
 * What a suite finds on one side. Each run is a `tilewright test` of its own: this Tilewright's, or the other version's, in the
 * tree of files that the side is of. Throws R161, R162, R194 and R195.
 */
export async function resultsOfSide(word: string, side: Side, run: SuiteRun): Promise<Results> {
  const label = sideName(word, side);
  const own = { main: join(PACKAGE_ROOT, "dist/cli/main.js"), suite: run.suite, label, cwd: process.cwd() };
  switch (side.kind) {
    case "results":
      return readResults(side.file);
    case "decisions":
    case "records":
      return runTest({ ...own, words: [`--${side.kind}`, side.file] }, run);
    case "cc":
      return runTest({ ...own, env: { TILEWRIGHT_CC: side.command } }, run);
    case "tilewright":
      return runTest({ ...own, main: join(side.root, "dist/cli/main.js") }, run);
    case "folder":
      return runTest({ ...own, cwd: side.path }, run);
    case "commit":
      // another version of Tilewright runs the suite that is here; of anything else the suite is a part
      return withCommit(side.sha, run, ({ main, folder }) =>
        runTest(main === undefined ? { ...own, cwd: folder } : { ...own, main }, run),
      );
    default:
      return assertNever(side);
  }
}

interface TestRun {
  readonly main: string;
  readonly suite: string;
  readonly label: string;
  readonly cwd: string;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function runTest(
  { main, suite, label, cwd, words = [], env = {} }: TestRun,
  { words: more, say, signal }: SuiteRun,
): Promise<Results> {
  return inTemporaryFolder("side", async (folder) => {
    say("running the suite");
    const file = resolve(folder, "results.json");
    const args = [main, "test", suite, "--results", file, "--label", label, ...words, ...more];
    const ended = await runProgram(process.execPath, args, { cwd, env, signal });
    signal.throwIfAborted();
    const results = existsSync(file) ? await readResults(file) : undefined;
    // results that are wrong are results
    if (results?.cases.some(({ verdict }) => verdict !== "error")) return results;
    const why = results?.cases[0]?.error?.text ?? (ended.stderr.trim() || ended.why);
    throw new UserError({
      code: "R195",
      exit: "badInput",
      title: `the suite \`${suite}\` could not be run with \`${label}\``,
      why: why.split("\n").slice(0, 12).join("\n"),
    });
  });
}
