import type { Runner } from "../../device/runner.ts";
import { invariant } from "../../support/assert.ts";
import { UserError } from "../../support/diagnostic.ts";
import { type BlockTimes, blockTimes } from "../run/bench-block.ts";
import { type ProgramLine, programLines } from "../run/program-lines.ts";

/** How two programs take turns. */
export interface TurnRun {
  /** Inferences before the first that counts. */
  readonly warmup: number;
  /** Bursts of inferences, of which the fastest counts. */
  readonly repeats: number;
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

/** What two processes told, one of each program: a time of each burst. */
export type PairTimes = readonly [base: BlockTimes, now: BlockTimes];

/** Pairs of processes of one round: each program is the first to have its turn once. */
const PAIRS = 2;
/** Milliseconds of a burst: shorter ones see little but caches that the other program has filled. */
const BURST_MS = 10;
/** What a program ends with that does not know a command or an option: TW_EXIT_USAGE in runtime-c/tw_runner.h. */
const USAGE = 2;

/**
 * Runs two programs of one network in turns (`turns` of runtime-c/tw_turns.c), a few milliseconds each: whatever makes the
 * board slower for longer than that makes both slower. Throws R198 and what running throws.
 * @param programs paths of both on this machine
 */
export async function timePairs(
  [base, now]: readonly [base: string, now: string],
  runner: Runner,
  { warmup, repeats, threads, timeoutSeconds, signal }: TurnRun,
): Promise<readonly PairTimes[]> {
  const result = await runner.run({
    program: base,
    args: [
      ...["turns", "--pairs", String(PAIRS), "--burst-ms", String(BURST_MS)],
      ...["--warmup", String(warmup), "--repeats", String(repeats), "--threads", String(threads)],
      ...["--seconds", String(timeoutSeconds), "--with"],
    ],
    other: now,
    files: [],
    fetch: [],
    timeoutSeconds,
    ...(signal !== undefined && { signal }),
  });
  if (result.exitCode === USAGE) throw takesNoTurns(runner.board, result.stderr);
  const sides = bySides(programLines(result, runner.board));
  invariant(sides.base.length === PAIRS && sides.now.length === PAIRS, "not each program took its turns");
  return sides.base.map((lines, i) => [blockTimes(lines), blockTimes(sides.now[i])]);
}

/** Each process tells first which program's it is, and then all that it has to tell. */
function bySides(lines: readonly ProgramLine[]): Record<"base" | "now", ProgramLine[][]> {
  const sides: Record<"base" | "now", ProgramLine[][]> = { base: [], now: [] };
  let own: ProgramLine[] = [];
  for (const line of lines) {
    if (line.kind === "turn") {
      own = [];
      sides[line.side === 0 ? "base" : "now"].push(own);
    } else own.push(line);
  }
  return sides;
}

function takesNoTurns(board: string, stderr: string): UserError {
  return new UserError({
    code: "R198",
    exit: "badInput",
    title: `one of both programs cannot take turns on \`${board}\``,
    why: stderr.trim().split("\n")[0] || "it does not know the command `turns`",
    help: ["an older Tilewright compiled it: compile both models anew with this one"],
  });
}
