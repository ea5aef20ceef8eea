import { UserError } from "../../support/diagnostic.ts";
import { visible } from "../../support/text.ts";
import type { Alarm, GateReport } from "./judge.ts";

/** How many alarms a message lists. */
const SHOWN = 12;

/**
 * The failure of a gate, undefined where it holds: R164 where a verdict became worse, else R165 where a figure did.
 * @param next what to type next for an alarm
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
  const what = alarms.length === 1 ? "a figure" : `${alarms.length} figures`;
  return new UserError({
    code: "R165",
    exit: "slower",
    title: `NOW is worse than BASE: ${what} grew by more than is allowed`,
    ...reasons(alarms, next),
  });
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
    help: [...new Set(shown.map(next))].slice(0, 3),
  };
}

/** An alarm in a line. */
export function alarmText({ case: name, layer, text }: Alarm): string {
  return visible(`${name}${layer === undefined ? "" : `, layer ${layer}`}: ${text}`);
}
