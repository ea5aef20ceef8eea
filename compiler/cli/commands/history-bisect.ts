import type { Bisection } from "../../driver/sides/bisect-commits.ts";
import { counted, visible } from "../../support/text.ts";
import { defineCommand } from "../command.ts";
import { testWords } from "../compare-sides.ts";
import { BOARD, BOARD_ACCESS, JSON_OUTPUT, TARGET, THREADS, TIMEOUT } from "../shared-options.ts";
import { makeSteps } from "../steps.ts";
import { thresholdsOf } from "../thresholds.ts";

export const historyBisect = defineCommand({
  name: "bisect",
  summary: "Find the commit from which on a suite's results are worse",
  positionals: [
    { name: "GOOD", describe: "a commit whose results are what others are held against", required: true },
    { name: "BAD", describe: "a later commit that is worse", required: true },
  ],
  options: {
    suite: { type: "string", required: true, requiresArg: true, describe: "a suite or a model" },
    threshold: {
      type: "string",
      requiresArg: true,
      describe: "what exact figures may grow by (default instructions=0.1%,cycles=0.5%)",
    },
    board: { ...BOARD, required: false },
    target: TARGET,
    threads: THREADS,
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright history bisect v1.0 HEAD --suite suite.yaml", "exact figures: one run of each commit"],
  ],
  run: async (values, { terminal, signal }) => {
    const { DEFAULT_THRESHOLDS, EXACT_KINDS } = await import("../../results/gate/judge.ts");
    const thresholds = thresholdsOf(values.threshold, EXACT_KINDS, DEFAULT_THRESHOLDS);
    const { bisectCommits } = await import("../../driver/sides/bisect-commits.ts");
    const { GOOD = "", BAD = "" } = values.words;
    const suite = values.suite ?? "";
    const steps = makeSteps(terminal);
    const found = await bisectCommits(GOOD, BAD, {
      ...{ suite, thresholds, signal },
      words: await testWords({ ...values, suite }),
      around: ({ sha, subject }, work) => steps.run(visible(`${sha.slice(0, 10)} ${subject}`.trim()), work),
    });
    terminal.out(values.json ? JSON.stringify(found, null, 2) : bisectionText(found));
  },
});

/** How many alarms are listed. */
const SHOWN = 12;

function bisectionText({ first, alarms, unknown, commits, tried }: Bisection): string {
  const lines = alarms.slice(0, SHOWN).map(({ case: name, layer, text }) => {
    return visible(`  ${name}${layer === undefined ? "" : `, layer ${layer}`}: ${text}`);
  });
  return [
    visible(`${first.sha} is the first that is worse: ${first.subject}`),
    ...lines,
    ...(alarms.length > SHOWN ? [`  and ${alarms.length - SHOWN} more`] : []),
    ...unknown.map(({ sha, subject }) =>
      visible(`  or ${sha.slice(0, 10)}, which cannot be judged: ${subject}`),
    ),
    `${counted(commits, "commit")} after GOOD, ${tried} were run`,
  ].join("\n");
}
