import type { CaseResult, Failure, Results } from "../results/results.schema.ts";
import { UserError } from "../support/diagnostic.ts";
import { counted, visible } from "../support/text.ts";
import { undecidedText } from "../verify/undecided.ts";
import type { Terminal } from "./terminal.ts";

type Colors = Terminal["outColors"];

/** A case in a line. */
export function caseLine(
  { name: given, verdict, checks, seconds, error, whole, steadiness }: CaseResult,
  colors: Colors,
): string {
  const name = visible(given);
  const took = `${seconds.toFixed(1)} s`;
  switch (verdict) {
    case "right": {
      const worst = checks.reduce((most, { ofBound }) => Math.max(most, Number(ofBound)), 0);
      const cycles =
        whole.cycles === undefined ? "" : `, ${(whole.cycles / 1e6).toFixed(3)} million cycles (modelled)`;
      return `${colors.green("right")}  ${name}: ${checks.length} checks, at most ${worst.toPrecision(2)} of a bound${openText(checks)}${cycles}${timeOf(steadiness)} (${took})`;
    }
    case "wrong": {
      const bad = checks.filter(({ ok }) => !ok);
      return `${colors.red("WRONG")}  ${name}: ${bad.length} of ${checks.length} checks (${took})`;
    }
    case "unchecked":
      return `${name}: not compared with a reference (${took})`;
    case "error":
      return `${colors.yellow("error")}  ${name}: ${error?.text.split("\n")[0] ?? ""} (${took})`;
  }
}

/** What was not compared where that was most. */
function openText(checks: CaseResult["checks"]): string {
  const open = checks.flatMap(({ undecided }) => undecided ?? []);
  if (open.length === 0) return "";
  return `, ${undecidedText(open.reduce((most, other) => (other.values > most.values ? other : most)))}`;
}

/** ", 1.234 ms (noisy: why)". */
function timeOf(steadiness: CaseResult["steadiness"]): string {
  if (steadiness === undefined) return "";
  const { verdict, reasons, median } = steadiness;
  return `, ${(median / 1e6).toFixed(3)} ms (${visible([verdict, ...reasons].join(": "))})`;
}

/** What failed of a case, check by check. */
export function failureText({ checks, error }: CaseResult): string {
  const failed = checks.flatMap((check) =>
    check.failure === undefined
      ? []
      : [
          `  ${visible(check.inputs)}, ${counted(check.threads, "thread")}, against ${visible(check.reference)}:\n${detail(check.failure)}`,
        ],
  );
  return [...failed, ...(error === undefined ? [] : [error.text.replace(/^/gm, "  ")])].join("\n");
}

function detail({
  tensor,
  layer,
  op,
  badCount,
  count,
  first,
  worst,
  histogram,
  culprit,
  smallest,
  reproducer,
}: Failure): string {
  const where = layer === undefined ? `output ${tensor}` : `layer ${layer} (${op}), the first that is wrong`;
  const element = ({ at, actual, wanted, bound }: Failure["first"]): string =>
    `[${at.join(", ")}] is ${actual}, expected ${wanted} within ${typeof bound === "number" ? bound.toExponential(1) : bound}`;
  return [
    `    ${visible(where)}: ${badCount} of ${count} values`,
    `    first:     ${element(first)}`,
    `    worst:     ${element(worst)}`,
    `    errors:    ${histogram
      .map((n, i) => `${n} ${edge(i, histogram.length)}`)
      .filter((text) => !text.startsWith("0 "))
      .join(", ")}`,
    ...(smallest === undefined ? [] : [`    smallest:  ${smallest}`]),
    ...(culprit === undefined ? [] : [`    wrong from: ${culprit}`]),
    ...(reproducer === undefined ? [] : [`    reproduce: ${reproducer}`]),
  ].join("\n");
}

/** Of a bucket of the histogram, in parts of the bound. */
function edge(i: number, buckets: number): string {
  if (i === 0) return "within the bound";
  return i === buckets - 1 ? `beyond 10^${i - 1} bounds` : `up to 10^${i} bounds`;
}

/** How many were right, in a line. */
export function summaryText({ suite, cases }: Results, colors: Colors): string {
  const count = (verdict: CaseResult["verdict"]): number => cases.filter((c) => c.verdict === verdict).length;
  const [right, wrong, errors] = [count("right"), count("wrong"), count("error")];
  const checks = cases.reduce((sum, c) => sum + c.checks.length, 0);
  const text = `${visible(suite)}: ${right} right, ${wrong} wrong, ${errors} errors; ${checks} checks`;
  return wrong + errors === 0 ? colors.green(text) : colors.red(text);
}

/** R183 where a result is wrong, R184 where a case could not be run, undefined where all are right. */
export function suiteFailure({ suite, cases }: Results): UserError | undefined {
  const wrong = cases.filter(({ verdict }) => verdict === "wrong");
  if (wrong.length > 0) {
    return new UserError({
      code: "R183",
      exit: "wrongResult",
      title: `${wrong.length} of ${cases.length} cases of \`${visible(suite)}\` are wrong`,
      where: wrong
        .map(({ name }) => visible(name))
        .slice(0, 10)
        .join("\n"),
      help: [
        "where neither the reference nor a tolerance is at fault it is a bug: report it, with the reproducer",
      ],
    });
  }
  const failed = cases.filter(({ verdict }) => verdict === "error");
  if (failed.length === 0) return undefined;
  const [{ error }] = failed;
  return new UserError({
    code: "R184",
    exit: error?.exit ?? "internal",
    title: `${failed.length} of ${cases.length} cases of \`${visible(suite)}\` could not be run`,
    where: failed
      .map(({ name }) => visible(name))
      .slice(0, 10)
      .join("\n"),
    help: ["nothing is known of their results"],
  });
}
