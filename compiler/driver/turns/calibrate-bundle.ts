import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { GateRule, GateRules } from "../../results/gate/gate-rules.schema.ts";
import { type Difference, differenceOf, MARGINS } from "../../results/gate/learn-rule.ts";
import { soundRule } from "../../results/gate/sound-rule.ts";
import { bundleProgram } from "./bundle-program.ts";
import { checkTurns } from "./check-turns.ts";
import { type TurnChange, type TurnOptions, takeTurns } from "./take-turns.ts";

/**
 * Learns the rules of turns from a program that takes turns with itself, `series` times as a comparison does: until the ratio
 * is as sure as there, or the same budget ends. Throws B108, C351, R169, R178 and what running throws.
 */
export async function calibrateBundle(
  folder: string,
  runner: Runner,
  target: Target,
  { series, ...options }: TurnOptions & { readonly series: number },
): Promise<GateRules> {
  const bundle = await bundleProgram(folder);
  checkTurns([folder, bundle], [folder, bundle], runner, target);
  const changes: TurnChange[] = [];
  for (let i = 0; i < series; i++) {
    const onRound = (done: number, total: number): void =>
      options.onRound?.(i * total + done, series * total);
    changes.push(...(await takeTurns(bundle, bundle, runner, { ...options, onRound })).changes);
  }
  const place = {
    how: "turns",
    case: bundle.metadata.name,
    board: runner.board,
    target: target.name,
    threads: options.threads,
  } as const;
  const rules = [...new Set(changes.map(({ op }) => op))].flatMap((op): GateRule[] => {
    const own = changes.filter((change) => change.op === op && change.base > 0).map(differenceIn);
    if (own.length === 0) return [];
    const where = { ...place, ...(op !== undefined && { op }) };
    return [{ ...where, ...soundRule(where, own, MARGINS.turns) }];
  });
  return { format: "tilewright-gate-rules", version: 1, margin: MARGINS.turns, rules };
}

function differenceIn({ base, ratio }: TurnChange): Difference {
  return differenceOf(base, base * ratio.median);
}
