import type { DecidedPlan } from "../decide/decided-plan.ts";
import type { Contest } from "../tune/contests.ts";
import { networkSearches, type TuneOptions, type TuneReport, tuneSearches } from "../tune/tune-network.ts";
import { type AskedKernel, askedSearch } from "./asked-kernel.ts";

/** Tunes a network over a queue: the same search, of kernels that its workers build and measure. Throws what tuneNetwork and its meter throw. */
export function tuneQueued(
  planned: Pick<DecidedPlan, "plan" | "target">,
  contests: () => readonly Contest[],
  options: TuneOptions<AskedKernel>,
): Promise<TuneReport> {
  const { searches, open } = networkSearches(planned, contests, options);
  return tuneSearches(searches.map(askedSearch), open, options);
}
