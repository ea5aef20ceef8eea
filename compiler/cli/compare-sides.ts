import type { Side } from "../driver/sides/side.ts";
import type { Results } from "../results/results.schema.ts";
import { type AccessValues, accessWords } from "./board-access.ts";
import type { Context } from "./command.ts";
import { makeSteps } from "./steps.ts";
import { unreadable } from "./usage-errors.ts";

/** Options that say how both sides of a comparison come to their results. */
export const SIDES = {
  suite: {
    type: "string",
    requiresArg: true,
    describe: "a suite or a model to run for what is no results file",
  },
  measure: {
    type: "string",
    array: true,
    requiresArg: true,
    choices: ["cycles", "time"],
    describe: "with --suite of a model: what to compare (default cycles)",
  },
  history: {
    type: "string",
    requiresArg: true,
    describe: "folder of a history that may hold the results of a commit",
  },
} as const;

export interface SideValues extends AccessValues {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly suite?: string | undefined;
  readonly measure?: readonly string[] | undefined;
  readonly history?: string | undefined;
  readonly board?: string | undefined;
  readonly target?: string | undefined;
  readonly threads?: number | undefined;
  readonly timeout?: number | undefined;
}

/** BASE and NOW as they are typed, and what each names. */
export type NamedSides = readonly [base: NamedSide, now: NamedSide];
type NamedSide = readonly [word: string, side: Side];

/** Throws C366 where one names nothing. */
export async function namedSides({ BASE = "", NOW = "" }: SideValues["words"]): Promise<NamedSides> {
  const { sideOf } = await import("../driver/sides/side.ts");
  return [
    [BASE, await sideOf(BASE, "BASE")],
    [NOW, await sideOf(NOW, "NOW")],
  ];
}

/** Whether both sides are folders. Throws C206 where one alone is. */
export async function areFolders([base, now]: NamedSides): Promise<boolean> {
  const { isTree } = await import("../driver/sides/side.ts");
  const areTrees = [base, now].map(([, side]) => isTree(side));
  if (areTrees[0] === areTrees[1]) return areTrees[0];
  const [[folder], [other]] = areTrees[0] ? [base, now] : [now, base];
  throw unreadable(`\`${folder}\` is a folder, \`${other}\` is none`, "compare");
}

/** Results of BASE and NOW, whatever they are: read, found in a history, or made by running the suite. Throws C206 and what running throws. */
export async function bothSides(
  values: SideValues,
  sides: NamedSides,
  context: Context,
): Promise<readonly [base: Results, now: Results]> {
  const found: Results[] = [];
  const open = sides.find(([, { kind }]) => kind !== "results" && kind !== "commit");
  if (values.suite === undefined && open !== undefined)
    throw unreadable(`\`${open[0]}\` is no results file: --suite says what to run`, "compare");
  for (const [word, side] of sides)
    found.push((await inHistory(values.history, word, side)) ?? (await run(values, word, side, context)));
  return [found[0], found[1]];
}

async function inHistory(folder: string | undefined, word: string, side: Side): Promise<Results | undefined> {
  if (folder === undefined || side.kind !== "commit") return undefined;
  const { readHistory } = await import("../results/history-log.ts");
  const { resultsOfRun, runOfCommit } = await import("../results/history-results.ts");
  const line = runOfCommit(await readHistory(folder), word, side.sha);
  return line && resultsOfRun(line);
}

async function run(
  values: SideValues,
  word: string,
  side: Side,
  { terminal, signal }: Context,
): Promise<Results> {
  const { resultsOfSide } = await import("../driver/sides/run-side.ts");
  const { suite } = values;
  if (side.kind !== "results" && suite === undefined) {
    const where = values.history === undefined ? "" : ` and not in \`${values.history}\``;
    throw unreadable(`\`${word}\` is a commit${where}: --suite says what to run`, "compare");
  }
  const request = { suite: suite ?? "", words: await testWords(values), signal };
  if (side.kind === "results") return resultsOfSide(word, side, { ...request, say: () => {} });
  return makeSteps(terminal).run(`results of ${word}`, (say) =>
    resultsOfSide(word, side, { ...request, say }),
  );
}

/** What the command line says of both runs, as words of `test`. */
export async function testWords(values: Omit<SideValues, "words">): Promise<readonly string[]> {
  const { isSuite } = await import("../driver/test/read-suite.ts");
  const { suite = "", board, target, threads, timeout } = values;
  const measure = values.measure ?? (isSuite(suite) ? [] : ["cycles"]);
  const given = { board, target, threads, timeout };
  return [
    ...Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, String(value)],
    ),
    ...measure.flatMap((what) => ["--measure", what]),
    ...accessWords(values),
  ];
}
