import { UserError } from "../../support/diagnostic.ts";
import { counted, visible } from "../../support/text.ts";
import type { Alarm, GateReport } from "./judge.ts";

/** How many alarms a message lists. */
const SHOWN = 12;

/**
 * The failure of a gate, undefined where it holds: R164 where a verdict became worse, else R165 where a figure did,
 * else R179.
 * @param next what to type next for an alarm, "" where that is nothing
 */
export function gateFailure(
  { alarms }: Pick<GateReport, "alarms">,
  next: (alarm: Alarm) => string,
): UserError | undefined {
  const wrong = alarms.filter(({ kind }) => kind === "verdict");
  if (wrong.length > 0) {
    return new UserError({
      code: "R164",
      exit: "wrongResult",
      title: `${wrong.length === 1 ? "a case" : `${wrong.length} cases`} of NOW went wrong`,
      ...reasons(wrong, next),
    });
  }
  if (alarms.length === 0) return undefined;
  const grown = alarms.filter(({ kind }) => kind !== "unjudged").length;
  if (grown === 0) return unjudged(alarms, next);
  const what = grown === 1 ? "a figure" : `${grown} figures`;
  return new UserError({
    code: "R165",
    exit: "slower",
    title: `NOW is worse than BASE: ${what} grew by more than is allowed`,
    ...reasons(alarms, next),
  });
}

function unjudged(alarms: readonly Alarm[], next: (alarm: Alarm) => string): UserError {
  const cases = new Set(alarms.map((alarm) => alarm.case)).size;
  return new UserError({
    code: "R179",
    exit: "wrongResult",
    title: `${cases === 1 ? "a case" : `${cases} cases`} of BASE cannot be judged`,
    ...reasons(alarms, next),
  });
}

/** How much a gate looked at, in a line: `gate held: 6 figures and 1 result judged`. */
export function judgedText({ alarms, figures, verdicts }: GateReport): string {
  const held = `${counted(figures, "figure")} and ${counted(verdicts, "result")} judged`;
  return alarms.length === 0
    ? `gate held: ${held}`
    : `gate failed: ${counted(alarms.length, "alarm")}; ${held}`;
}

function reasons(
  alarms: readonly Alarm[],
  next: (alarm: Alarm) => string,
): { readonly why: string; readonly help: readonly string[] } {
  const isWhole = ({ layer }: Alarm): boolean => layer === undefined;
  const shown = [...alarms.filter(isWhole), ...alarms.filter((alarm) => !isWhole(alarm))].slice(0, SHOWN);
  const rest = alarms.length - shown.length;
  return {
    why: [...shown.map(alarmText), ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n"),
    help: [...new Set(shown.map(next))].filter((text) => text !== "").slice(0, 3),
  };
}

/** An alarm in a line. */
export function alarmText({ case: name, layer, text }: Alarm): string {
  return visible(`${name}${layer === undefined ? "" : `, layer ${layer}`}: ${text}`);
}
