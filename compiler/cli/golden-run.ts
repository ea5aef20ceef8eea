import type { GoldenKeeper } from "../driver/test/golden/keep-golden.ts";
import type { TestCase } from "../driver/test/test-cases.ts";
import type { Results } from "../results/results.schema.ts";
import { counted, someOf, typedWord, visible } from "../support/text.ts";
import type { Terminal } from "./terminal.ts";

/** What is said, and left, when a run that wrote golden outputs is over. */
export interface GoldenRun {
  readonly folder: string;
  readonly keeper: GoldenKeeper;
  /** Whether the folder keeps outputs of cases that were not run: not all of a suite's were asked for, or came to their turn. */
  readonly keepOthers: boolean;
}

/** Names the outputs that were written, and the cases that have none. */
export async function finishGolden(
  { folder, keeper, keepOthers }: GoldenRun,
  cases: readonly TestCase[],
  results: Results["cases"],
  { note }: Terminal,
): Promise<void> {
  const written = await keeper.finish(keepOthers);
  const bad = results.filter(({ verdict }) => verdict !== "right").length;
  const own = cases.filter(({ subject }) => subject.kind === "kernel").length;
  note(`${counted(written, "golden output")} written to ${folder}`);
  if (bad > 0) note(`${counted(bad, "case")} not right: nothing is written of them`);
  if (own > 0) note(`${counted(own, "kernel")} of your own: what Node makes of them is their golden output`);
  if (written > 0) note(`next: \`tilewright test SUITE --reference ${typedWord(folder)}\``);
}

/** Says which golden outputs no case was compared with: what is gone from a suite is no pass. */
export async function noteUnused(cases: readonly TestCase[], { note }: Terminal): Promise<void> {
  const { unusedGolden } = await import("../driver/test/golden/unused-golden.ts");
  for (const { folder, titles } of await unusedGolden(cases)) {
    if (titles.length === 0) continue;
    const names = someOf(titles.map((title) => `\`${visible(title)}\``));
    note(`warning: ${folder} holds outputs of what the suite has no case of: ${names}`);
  }
}
