import { compareResults } from "../../results/compare/compare-results.ts";
import { type Alarm, judge, type Thresholds } from "../../results/gate/judge.ts";
import type { Results } from "../../results/results.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { runProgram } from "../../toolchain/run-program.ts";
import type { Say } from "../progress.ts";
import { bisect, type Trial } from "./bisect.ts";
import { commitOf } from "./commit-tree.ts";
import { resultsOfSide, type SuiteRun } from "./run-side.ts";

/** A commit, with the first line of what it says. */
export interface Commit {
  readonly sha: string;
  readonly subject: string;
}

export interface Bisection {
  readonly first: Commit;
  /** What became worse there, held against GOOD. */
  readonly alarms: readonly Alarm[];
  /** Right before it, and not to be judged. */
  readonly unknown: readonly Commit[];
  readonly commits: number;
  readonly tried: number;
}

export interface BisectOptions extends Omit<SuiteRun, "say"> {
  readonly thresholds: Thresholds;
  /** Shows a commit while its suite runs. */
  readonly around: <T>(commit: Commit, work: (say: Say) => Promise<T>) => Promise<T>;
}

/**
 * The first commit after GOOD, up to BAD, whose results are worse than GOOD's: by exact figures and verdicts, so each is run
 * once. Of merges the first parent is followed. Throws C366, R196, R197 and for GOOD and BAD what running throws.
 */
export async function bisectCommits(good: string, bad: string, options: BisectOptions): Promise<Bisection> {
  const row = await commitsBetween(good, bad);
  const last = row[row.length - 1];
  const run = ({ sha, subject }: Commit): Promise<Results> =>
    options.around({ sha, subject }, (say) =>
      resultsOfSide(sha.slice(0, 10), { kind: "commit", sha }, { ...options, say }),
    );
  const base = await run({ sha: await known(good), subject: "" });
  const alarms = new Map<string, readonly Alarm[]>();
  const judged = (commit: Commit, results: Results): Trial => {
    const found = judge(compareResults(base, results), options).alarms;
    alarms.set(
      commit.sha,
      found.filter(({ kind }) => kind !== "unjudged"),
    );
    if (alarms.get(commit.sha)?.length) return "bad";
    return found.length > 0 ? "unknown" : "good";
  };
  if (judged(last, await run(last)) !== "bad") throw notWorse(good, bad);
  const { first, unknown, tried } = await bisect(row, async (commit) => {
    const results = await run(commit).catch((error: unknown) => {
      options.signal.throwIfAborted();
      if (error instanceof UserError) return undefined;
      throw error;
    });
    return results === undefined ? "unknown" : judged(commit, results);
  });
  const found = alarms.get(first.sha) ?? [];
  return { first, alarms: found, unknown, commits: row.length, tried: tried + 2 };
}

async function known(word: string): Promise<string> {
  const sha = await commitOf(word);
  if (sha !== undefined) return sha;
  throw noCommit(`\`${word}\` is no commit of a repository here`);
}

/** Commits after GOOD, up to BAD. Throws R197 where there are none. */
async function commitsBetween(good: string, bad: string): Promise<readonly Commit[]> {
  const [from, to] = [await known(good), await known(bad)];
  const { stdout } = await runProgram("git", [
    ...["log", "--reverse", "--first-parent", "--format=%H %s", `${from}..${to}`],
  ]);
  const isBefore = !(await runProgram("git", ["merge-base", "--is-ancestor", from, to])).failed;
  const row = stdout.split("\n").flatMap((line) => {
    const [, sha, subject = ""] = /^([0-9a-f]{40,64}) (.*)$/.exec(line) ?? [];
    return sha === undefined ? [] : [{ sha, subject }];
  });
  if (isBefore && row.length > 0) return row;
  throw noCommit(`\`${good}\` is no commit before \`${bad}\``);
}

function noCommit(title: string): UserError {
  return new UserError({
    code: "R197",
    exit: "usage",
    title,
    help: ["GOOD comes first: `tilewright history bisect GOOD BAD --suite SUITE`"],
  });
}

function notWorse(good: string, bad: string): UserError {
  return new UserError({
    code: "R196",
    exit: "badInput",
    title: `nothing of \`${bad}\` is worse than of \`${good}\``,
    why: "verdicts, and exact figures by their thresholds, are what commits are searched by",
    help: [
      "a suite's `measure: [cycles]` keeps exact figures",
      "--threshold cycles=0.1% lets them grow by less",
    ],
  });
}
