import { UserError } from "../../support/diagnostic.ts";
import { visible } from "../../support/text.ts";
import type { GateRule } from "./gate-rules.schema.ts";
import { type Difference, learnRule } from "./learn-rule.ts";
import type { TwoPartRule } from "./rule-for.ts";

type Place = Pick<GateRule, "case" | "board" | "op">;

/** What may become half as slow again unseen is not watched at all. */
const MOST_PERCENT = 50;

/** The rule of a place, rounded upwards to what anybody can read. Throws R178 where it would allow nearly anything. */
export function soundRule(place: Place, differences: readonly Difference[], margin: number): TwoPartRule {
  const { percent, nanoseconds } = learnRule(differences, margin);
  if (percent > MOST_PERCENT) throw tooLoose(place, percent);
  return { percent: Math.ceil(percent * 100) / 100, nanoseconds: Math.ceil(nanoseconds) };
}

function tooLoose({ case: name, board, op }: Place, percent: number): UserError {
  return new UserError({
    code: "R178",
    exit: "badInput",
    title: visible(`times on \`${board}\` differ too much from run to run to judge by`),
    where: visible(op === undefined ? `case ${name}` : `case ${name}, layers of ${op}`),
    why: `what is slower by ${Math.ceil(percent)} % would still pass, the most that may is ${MOST_PERCENT} %`,
    help: ["stop what else runs there, fix its clock, or let each run repeat more often, and measure again"],
  });
}
