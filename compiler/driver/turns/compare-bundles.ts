import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import { changeText, timeText } from "../../results/amounts.ts";
import type { GateRules } from "../../results/gate/gate-rules.schema.ts";
import type { Alarm } from "../../results/gate/judge.ts";
import { exceeds, ruleFor, type TwoPartRule } from "../../results/gate/rule-for.ts";
import type { NetworkProgram } from "../run/network-program.ts";
import { bundleProgram } from "./bundle-program.ts";
import { checkTurns } from "./check-turns.ts";
import { type TurnChange, type TurnOptions, type Turns, takeTurns } from "./take-turns.ts";

/** Two folders of `compile -o`, run in turns. */
export interface TurnReport extends Turns {
  readonly network: string;
  readonly board: string;
  readonly target: string;
  readonly threads: number;
  /** Version and build of what compiled each. */
  readonly compiled: { readonly base: string; readonly now: string };
  /** The second series of rounds; absent where the first found nothing slower. */
  readonly confirmation?: readonly TurnChange[];
  /** What both series found slower than its rule allows. */
  readonly slower: readonly Alarm[];
  /** How many of `changes` were judged by the default rule although rules were given. */
  readonly unlearned: number;
}

/**
 * Runs the programs of two bundles in turns. What a first series of rounds finds slower than its two-part rule allows is
 * told only where a second one finds it too; where rules were learned, a series ends as soon as they can be applied. A layer
 * whose kernel is the same in both is not judged by itself: the same instructions are no slower, and what its memory costs now
 * shows in the whole. Throws B108, C351, R169 and what running throws.
 */
export async function compareBundles(
  [baseFolder, nowFolder]: readonly [string, string],
  runner: Runner,
  target: Target,
  { rules, ...options }: TurnOptions & { readonly rules?: GateRules; readonly onConfirm?: () => void },
): Promise<TurnReport> {
  const base = await bundleProgram(baseFolder);
  const now = await bundleProgram(nowFolder);
  checkTurns([baseFolder, base], [nowFolder, now], runner, target);
  const place = {
    how: "turns",
    case: now.metadata.name,
    board: runner.board,
    target: target.name,
    threads: options.threads,
  } as const;
  const ruleOf = ({ op }: TurnChange) => ruleFor(rules, { ...place, ...(op !== undefined && { op }) });
  const judged = (changes: readonly TurnChange[]) => changes.filter(({ sameKernel }) => sameKernel !== true);
  const slowOf = (changes: readonly TurnChange[]): Alarm[] =>
    judged(changes).flatMap((change) => alarmOf(change, ruleOf(change), place.case));
  const asked: TurnOptions = {
    ...options,
    ...(rules !== undefined && {
      isDecided: (changes) => judged(changes).every((change) => isOnOneSide(change, ruleOf(change))),
    }),
  };
  const first = await takeTurns(base, now, runner, asked);
  const report = {
    ...first,
    network: place.case,
    board: runner.board,
    target: target.name,
    threads: options.threads,
    compiled: { base: madeBy(base), now: madeBy(now) },
    unlearned: rules === undefined ? 0 : first.changes.filter((change) => !ruleOf(change).learned).length,
  };
  const suspects = slowOf(first.changes);
  if (suspects.length === 0) return { ...report, slower: [] };
  options.onConfirm?.();
  const { changes: confirmation } = await takeTurns(base, now, runner, asked);
  const again = slowOf(confirmation).filter((alarm) => suspects.some(({ layer }) => layer === alarm.layer));
  return { ...report, confirmation, slower: again };
}

function madeBy({ metadata: { tilewright, build } }: NetworkProgram): string {
  return build === undefined ? tilewright : `${tilewright} (${build})`;
}

/** Whether the whole interval is within what a rule allows, or all of it beyond. */
function isOnOneSide({ base, ratio }: TurnChange, rule: TwoPartRule): boolean {
  return exceeds(rule, base, base * ratio.low) === exceeds(rule, base, base * ratio.high);
}

function alarmOf(
  { layer, base, ratio }: TurnChange,
  rule: ReturnType<typeof ruleFor>,
  network: string,
): Alarm[] {
  const now = base * ratio.median;
  if (ratio.low <= 1 || !exceeds(rule, base, now)) return [];
  const sure = `${changeText(ratio.low)} to ${changeText(ratio.high)}`;
  const text = `time ${timeText(base)} -> ${timeText(now)}, ${changeText(ratio.median)} (${sure}; allowed ${rule.percent} % and ${timeText(rule.nanoseconds)})`;
  return [{ case: network, ...(layer !== undefined && { layer }), kind: "measuredNs", text }];
}
