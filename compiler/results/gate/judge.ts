import { amountText, changeText, timeText } from "../amounts.ts";
import type { CaseComparison, Change, Comparison } from "../compare/comparison.ts";
import { type FigureKind, KINDS } from "../figure-kinds.ts";
import type { Verdict } from "../results.schema.ts";
import type { GateRules } from "./gate-rules.schema.ts";
import { exceeds, ruleFor } from "./rule-for.ts";

/** Kinds of exact figures that a gate may hold, and by which part of itself each may grow: 0.001 is 0.1 %. */
export type Thresholds = Readonly<Partial<Record<ExactKind, number>>>;
export const EXACT_KINDS = ["instructions", "cycles", "codeBytes", "weightBytes", "arenaBytes"] as const;
export type ExactKind = (typeof EXACT_KINDS)[number];
export const DEFAULT_THRESHOLDS: Thresholds = { instructions: 0.001, cycles: 0.005 };

export interface GateSettings {
  readonly thresholds: Thresholds;
  /** Of measured times; absent: 5 % and 20 us for all. */
  readonly rules?: GateRules;
}

/** One thing that became worse than a gate allows. */
export interface Alarm {
  readonly case: string;
  /** Absent: the whole network. */
  readonly layer?: string;
  /** `unjudged`: what BASE has cannot be held against anything of NOW. */
  readonly kind: FigureKind | "verdict" | "unjudged";
  /** What changed and what was allowed, in a line. */
  readonly text: string;
}

export interface GateReport {
  readonly alarms: readonly Alarm[];
  /** How many figures and verdicts were held against a rule. */
  readonly figures: number;
  readonly verdicts: number;
  /** Of the figures: times judged by the default rule although rules were given, as none was learned for their place. */
  readonly unlearned: number;
}

const RANK: Readonly<Record<Verdict, number>> = { right: 0, unchecked: 0, wrong: 1, error: 2 };

/**
 * Holds a comparison against rules. Verdicts may not become worse; exact figures of a whole network or a layer may not grow
 * by more than their threshold; measured times are slower where that is sure and exceeds both parts of their rule. Emulated
 * times are never judged, nor are measured ones of a layer whose kernel is the same in both. A case or an exact figure that is
 * there no more, or may not be compared, is an alarm, too, and so is each case where all are errors in both.
 */
export function judge(comparison: Comparison, settings: GateSettings): GateReport {
  const found = comparison.cases.map((one) => judgeCase(one, settings));
  return {
    alarms: [...found.flatMap(({ alarms }) => alarms), ...absent(comparison), ...nothingRan(comparison)],
    figures: found.reduce((sum, { figures }) => sum + figures, 0),
    verdicts: found.reduce((sum, { verdicts }) => sum + verdicts, 0),
    unlearned: found.reduce((sum, { unlearned }) => sum + unlearned, 0),
  };
}

/** What is not there cannot be held against a rule: it is no pass. */
function absent({ onlyBase, newFailures }: Comparison): readonly Alarm[] {
  return [
    ...onlyBase.map((name): Alarm => ({ case: name, kind: "unjudged", text: "is not tested any more" })),
    ...newFailures.map(
      ({ name, verdict }): Alarm => ({ case: name, kind: "verdict", text: `is new, and ${verdict}` }),
    ),
  ];
}

/** Errors everywhere, before as now, say nothing: of a board that cannot be reached, most likely. */
function nothingRan({ cases }: Comparison): readonly Alarm[] {
  if (cases.some(({ verdict: { base, now } }) => base !== "error" || now !== "error")) return [];
  return cases.map(
    ({ name, error }): Alarm => ({
      case: name,
      kind: "unjudged",
      text: `is an error in both${because(error)}`,
    }),
  );
}

function because(error: CaseComparison["error"]): string {
  return error === undefined ? "" : `: ${error.code} ${error.text.split("\n")[0]}`;
}

/** Exact figures of a whole case that NOW lacks, or that may not be compared. */
function unjudged(
  { name, unmatched, refused }: CaseComparison,
  { thresholds }: GateSettings,
): readonly Alarm[] {
  const held = (kind: FigureKind): boolean => isGated(kind) && thresholds[kind] !== undefined;
  const gone = unmatched.filter(({ only, kind }) => only === "base" && held(kind));
  const other = refused.filter(({ kinds }) => kinds.some(held));
  return [
    ...gone.map(
      ({ kind }): Alarm => ({
        case: name,
        kind: "unjudged",
        text: `${KINDS[kind].title} of BASE, not of NOW`,
      }),
    ),
    ...other.map(
      ({ field, base, now }): Alarm => ({
        case: name,
        kind: "unjudged",
        text: `cannot be compared: its ${field} was ${base}, is ${now}`,
      }),
    ),
  ];
}

function judgeCase(found: CaseComparison, settings: GateSettings): GateReport {
  const { name, verdict, error, changes, layers } = found;
  const alarms: Alarm[] = [];
  if (RANK[verdict.now] > RANK[verdict.base]) {
    const text = `was ${verdict.base}, is ${verdict.now}${because(error)}`;
    alarms.push({ case: name, kind: "verdict", text });
  }
  let [figures, unlearned] = [0, 0];
  const hold = (change: Change, layer?: string, op?: string): void => {
    const rule = ruleOf(change, found, op, settings);
    if (rule === undefined) return;
    figures += 1;
    if (rule.kind === "times" && settings.rules !== undefined && !rule.learned) unlearned += 1;
    const text = broken(change, rule);
    if (text === undefined) return;
    alarms.push({ case: name, ...(layer !== undefined && { layer }), kind: change.kind, text });
  };
  for (const change of changes) hold(change);
  for (const { layer, op, sameKernel, changes: own } of layers) {
    // the same instructions are no slower: where their times differ it is noise, or shows in the whole
    for (const change of own) if (change.kind !== "measuredNs" || !sameKernel) hold(change, layer, op);
  }
  return {
    alarms: [...alarms, ...unjudged(found, settings)],
    figures,
    verdicts: verdict.now === "unchecked" ? 0 : 1,
    unlearned,
  };
}

type Rule =
  | { readonly kind: "exact"; readonly allowed: number }
  | (ReturnType<typeof ruleFor> & { readonly kind: "times" });

/** What a figure is held against; undefined where its kind is not judged. */
function ruleOf(
  { kind }: Change,
  { name, board, target, threads }: CaseComparison,
  op: string | undefined,
  { thresholds, rules }: GateSettings,
): Rule | undefined {
  if (kind === "measuredNs") {
    const place = {
      how: "files",
      case: name,
      board,
      target,
      threads,
      ...(op !== undefined && { op }),
    } as const;
    return { kind: "times", ...ruleFor(rules, place) };
  }
  const allowed = isGated(kind) ? thresholds[kind] : undefined;
  return allowed === undefined ? undefined : { kind: "exact", allowed };
}

/** What is wrong with a figure, in words; undefined where its rule holds. */
function broken({ kind, base, now, ratio, direction }: Change, rule: Rule): string | undefined {
  const moved = `${KINDS[kind].title} ${amountText(kind, base)} -> ${amountText(kind, now)}`;
  if (rule.kind === "times") {
    if (direction !== "worse" || !exceeds(rule, base, now)) return undefined;
    return `${moved}, ${changeText(ratio)} (allowed ${part(rule.percent / 100)}) and ${timeText(now - base)} (allowed ${timeText(rule.nanoseconds)})`;
  }
  // Written so that a threshold of 0.5 % lets 1005 follow 1000.
  if (now - base <= rule.allowed * base * (1 + 1e-12)) return undefined;
  return `${moved}${ratio === undefined ? "" : `, ${changeText(ratio)}`} (allowed ${part(rule.allowed)})`;
}

function isGated(kind: FigureKind): kind is ExactKind {
  return EXACT_KINDS.some((exact) => exact === kind);
}

function part(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(3))} %`;
}
