import type { BoardFacts } from "../../device/board-facts.ts";
import { plainText } from "../../device/plain-text.ts";
import type { Runner } from "../../device/runner.ts";
import { UserError } from "../../support/diagnostic.ts";
import { contentKey } from "../../support/stable.ts";

/**
 * Throws R158 where times of one board would say nothing of another: other cores, or another number or order of them. What a
 * board does not tell is not compared, but what one tells the others have to tell, too.
 */
export async function checkEqual(
  runners: readonly Pick<Runner, "board" | "timing" | "readFacts">[],
): Promise<void> {
  if (runners.length < 2) return;
  const told = await Promise.all(
    runners.map(async ({ board, timing, readFacts }) => ({ board, timing, facts: await readFacts?.() })),
  );
  const [first, ...others] = told;
  for (const other of others) {
    if (first.timing !== other.timing)
      throw unequal(
        first.board,
        other.board,
        `times of one are ${first.timing}, of the other ${other.timing}`,
      );
    if (contentKey(coresOf(first.facts)) !== contentKey(coresOf(other.facts)))
      throw unequal(
        first.board,
        other.board,
        `one has ${coresText(first.facts)}, the other ${coresText(other.facts)}`,
      );
  }
}

function coresOf(facts: BoardFacts | undefined): unknown {
  return facts && { machine: facts.machine, cores: facts.cores };
}

function coresText(facts: BoardFacts | undefined): string {
  if (facts === undefined) return "cores it does not tell of";
  const { cores, machine = "an unknown machine" } = facts;
  if (cores.length === 0) return `cores of ${plainText(machine)}`;
  return cores.map(({ midr, count }) => `${count} cores ${midr}`).join(" and ");
}

function unequal(a: string, b: string, why: string): UserError {
  return new UserError({
    code: "R158",
    exit: "usage",
    title: `\`${a}\` and \`${b}\` are no equal boards`,
    why,
    help: ["what is tuned on several boards has to run alike on each: tune on each kind by itself"],
  });
}
