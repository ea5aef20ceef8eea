import type { Timing } from "../device/runner.ts";
import type { Verdict } from "../results/steadiness/judge-blocks.ts";
import { UserError } from "../support/diagnostic.ts";

/** A time, and what is known of it; without a verdict it was not judged. */
export interface Judged {
  /** What was timed, where there are several. */
  readonly of?: string;
  readonly board: string;
  readonly timing: Timing;
  readonly verdict: Verdict | undefined;
  readonly reasons: readonly string[];
}

/** For `--strict`. Throws R191 for the first time that is not steady. */
export function checkSteady(times: readonly Judged[]): void {
  const doubtful = times.find(({ verdict }) => verdict !== "steady");
  if (doubtful === undefined) return;
  const { of, board, timing, verdict, reasons } = doubtful;
  const why =
    verdict === undefined ? [`times on it are ${timing === "measured" ? "not judged" : timing}`] : reasons;
  throw new UserError({
    code: "R191",
    exit: "unsteady",
    title: `the time${of === undefined ? "" : ` of ${of}`} on \`${board}\` is ${verdict ?? "not steady"}`,
    ...(why.length > 0 && { why: why.join("\n") }),
    help: [
      verdict === undefined
        ? "measure on a board, or leave --strict out"
        : "close what else runs there, cool it, or give it more time: --budget 2m",
    ],
  });
}
