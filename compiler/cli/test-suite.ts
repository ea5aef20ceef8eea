import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ReadSuite } from "../driver/test/read-suite.ts";
import type { Conditions, ReferenceWish } from "../driver/test/suite.schema.ts";
import {
  type InputKind,
  type Measure,
  MOST_THREADS,
  MOST_TOLERANCE,
  REFERENCES,
} from "../driver/test/suite-words.ts";
import type { Numerics } from "../ops/numerics.ts";
import { didYouMean } from "../support/text.ts";
import { numberList, wholeNumber } from "./numbers.ts";
import { READING, type ReadingValues, readingOf } from "./reading-options.ts";
import { badValue, missingArgument, unreadable } from "./usage-errors.ts";

/** How a model is read; a test has no use for the names of classes. */
const { labels: _, ...tested } = READING;
export const TESTED_READING = tested;
const READING_NAMES = Object.keys(TESTED_READING) as (keyof typeof TESTED_READING)[];

/** Options of `test` that say what is tested, and on what. */
export interface SuiteValues extends ReadingValues {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly board?: readonly string[] | undefined;
  readonly target?: string | undefined;
  readonly inputs?: readonly InputKind[] | undefined;
  readonly input?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly threads?: string | undefined;
  readonly reference?: readonly string[] | undefined;
  readonly tolerance?: number | undefined;
  readonly measure?: readonly Measure[] | undefined;
  readonly numerics?: Numerics | undefined;
  readonly decisions?: string | undefined;
  readonly records?: readonly string[] | undefined;
}

/** The suite that the command line names; what the line says holds for all of its cases. Throws C203, C205, C361 and C362. */
export async function suiteAsked(values: SuiteValues): Promise<ReadSuite> {
  const { isSuite, readSuite } = await import("../driver/test/read-suite.ts");
  const { suiteOf, withConditions } = await import("../driver/test/test-cases.ts");
  const what = values.words.SUITE;
  if (what === undefined) throw missingArgument("SUITE", "test");
  const conditions = conditionsOf(values);
  const reading = READING_NAMES.find((name) => values[name] !== undefined && values[name] !== false);
  if (isSuite(what) && reading !== undefined)
    throw unreadable(`a suite says how each of its models is read: leave --${reading} out`, "test");
  return isSuite(what)
    ? withConditions(await readSuite(what), conditions)
    : suiteOf(what, conditions, readingOf(values));
}

/** What a folder is as a reference, by the file that makes it one. */
const FOLDERS: readonly (readonly [file: string, wish: (path: string) => ReferenceWish])[] = [
  ["golden.json", (golden) => ({ golden })],
  ["metadata.json", (bundle) => ({ bundle })],
  ["package.json", (tilewright) => ({ tilewright })],
];

/** A word, a file of outputs, or a folder. Throws C205. */
function referenceOf(text: string): ReferenceWish {
  const known = REFERENCES.find((name) => name === text);
  if (known !== undefined) return known;
  const info = statSync(text.replace(/(\.npz):.*$/, "$1"), { throwIfNoEntry: false });
  const [, folder] = FOLDERS.find(([file]) => existsSync(join(text, file))) ?? [];
  if (info?.isDirectory() && folder !== undefined) return folder(text);
  if (info?.isDirectory()) {
    const wanted = "a folder of `test --write-golden` or `compile -o`, or a checkout of Tilewright";
    throw badValue("reference", text, wanted);
  }
  if (info !== undefined) return { golden: text };
  const close = didYouMean(text, REFERENCES);
  const wanted = `${REFERENCES.join(", ")}, or a file of outputs or a folder that is there`;
  throw badValue("reference", text, close === undefined ? wanted : `${wanted}; did you mean \`${close}\`?`);
}

/** The kernels are always compared with: other references see outputs alone. */
function referencesOf(texts: readonly string[]): ReferenceWish[] {
  const wished = texts.map(referenceOf);
  return ["kernels", ...wished.filter((wish) => wish !== "kernels")];
}

function conditionsOf({
  board,
  inputs,
  input,
  reference,
  measure,
  records,
  target,
  tolerance,
  numerics,
  decisions,
  ...values
}: SuiteValues): Conditions {
  const threads = numberList("threads", values.threads);
  const many = threads.find((count) => count > MOST_THREADS);
  if (many !== undefined) throw badValue("threads", String(many), `${MOST_THREADS} at most`);
  if (tolerance !== undefined && !(tolerance > 0 && tolerance <= MOST_TOLERANCE))
    throw badValue("tolerance", String(tolerance), `a number above 0, and ${MOST_TOLERANCE} at most`);
  const given = [...(inputs ?? []), ...(input === undefined ? [] : [{ files: [...input] }])];
  return {
    ...(board && { boards: [...board] }),
    ...(target !== undefined && { target }),
    ...(given.length > 0 && { inputs: given }),
    ...(values.seed !== undefined && { seed: wholeNumber("seed", values.seed, 0, 1) }),
    ...(threads.length > 0 && { threads: [...threads] }),
    ...(reference && { references: referencesOf(reference) }),
    ...(tolerance !== undefined && { tolerance }),
    ...(measure && { measure: [...measure] }),
    ...(numerics !== undefined && { numerics }),
    ...(decisions !== undefined && { decisions }),
    ...(records && { records: [...records] }),
  };
}
