import { counted, plainName } from "../../support/text.ts";
import { type CaseResult, type Check, isBad } from "../results.schema.ts";

/** Why a case is not right, in one line; undefined where it is. */
export function failureTitle({ verdict, error, checks }: CaseResult): string | undefined {
  if (!isBad(verdict)) return undefined;
  if (verdict === "error") return plainName(`${error?.code ?? "error"}: ${firstLine(error?.text ?? "")}`);
  const failure = checks.find(({ ok }) => !ok)?.failure;
  if (failure === undefined) return "results differ from the reference";
  const where =
    failure.layer === undefined
      ? `output ${failure.tensor}`
      : `layer ${failure.layer}${failure.op === undefined ? "" : ` (${failure.op})`}`;
  return plainName(`${where}: ${failure.badCount} of ${failure.count} values are wrong`);
}

/** All that is known of why a case is not right, in lines. */
export function failureText({ verdict, error, checks }: CaseResult): string {
  if (verdict === "error") return (error?.text ?? "").split("\n").map(plainName).join("\n");
  return checks
    .filter(({ ok }) => !ok)
    .flatMap(checkLines)
    .map(plainName)
    .join("\n");
}

function checkLines({ inputs, threads, reference, ofBound, failure }: Check): string[] {
  const head = `${inputs}, ${counted(threads, "thread")}, against ${reference}: ${ofBound} of the bound`;
  if (failure === undefined) return [head];
  const { tensor, layer, first, worst, culprit, reproducer } = failure;
  const element = (what: string, { at, actual, wanted, bound }: typeof first): string =>
    `  ${what}: [${at.join(", ")}] is ${actual}, expected ${wanted} within ${bound}`;
  return [
    head,
    `  ${layer === undefined ? "output" : `layer ${layer}, tensor`} ${tensor}`,
    element("first", first),
    element("worst", worst),
    ...(culprit === undefined ? [] : [`  wrong since: ${culprit}`]),
    ...(reproducer === undefined ? [] : [`  reproducer: ${reproducer}`]),
  ];
}

function firstLine(text: string): string {
  return text.split("\n")[0];
}
