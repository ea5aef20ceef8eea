import type { ReadSuite } from "../driver/test/read-suite.ts";
import type { Conditions, InputKind, Measure } from "../driver/test/suite.schema.ts";
import type { Numerics } from "../ops/numerics.ts";
import { numberList, wholeNumber } from "./numbers.ts";
import { missingArgument } from "./usage-errors.ts";

/** Options of `test` that say what is tested, and on what. */
export interface SuiteValues {
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
  readonly "input-shape"?: readonly string[] | undefined;
}

/** The suite that the command line names; what the line says holds for all of its cases. Throws C203, C205, C361 and C362. */
export async function suiteAsked(values: SuiteValues): Promise<ReadSuite> {
  const { isSuite, readSuite } = await import("../driver/test/read-suite.ts");
  const { suiteOf, withConditions } = await import("../driver/test/test-cases.ts");
  const what = values.words.SUITE;
  if (what === undefined) throw missingArgument("SUITE", "test");
  const conditions = conditionsOf(values);
  return isSuite(what)
    ? withConditions(await readSuite(what), conditions)
    : suiteOf(what, conditions, values["input-shape"] ?? []);
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
  const given = [...(inputs ?? []), ...(input === undefined ? [] : [{ files: [...input] }])];
  return {
    ...(board && { boards: [...board] }),
    ...(target !== undefined && { target }),
    ...(given.length > 0 && { inputs: given }),
    ...(values.seed !== undefined && { seed: wholeNumber("seed", values.seed, 0, 1) }),
    ...(threads.length > 0 && { threads: [...threads] }),
    ...(reference && { references: reference.map(referenceOf) }),
    ...(tolerance !== undefined && { tolerance }),
    ...(measure && { measure: [...measure] }),
    ...(numerics !== undefined && { numerics }),
    ...(decisions !== undefined && { decisions }),
    ...(records && { records: [...records] }),
  };
}

function referenceOf(text: string): "kernels" | "onnxruntime" | { golden: string } {
  return text === "kernels" || text === "onnxruntime" ? text : { golden: text };
}
