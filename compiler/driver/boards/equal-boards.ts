import type { BoardFacts } from "../../device/board-facts.ts";
import type { BoardState } from "../../device/board-state.ts";
import { UserError } from "../../support/diagnostic.ts";

/** What times hang on, as a board tells it. */
export interface BoardKind {
  readonly facts: Pick<BoardFacts, "machine" | "cores">;
  readonly state: Pick<BoardState, "cores" | "coreStates">;
}

/** How two boards differ in what times hang on; undefined where they do not. What neither or only one tells is no difference. */
export function differenceOf(a: BoardKind, b: BoardKind): string | undefined {
  const pairs = [
    ["machine", a.facts.machine, b.facts.machine],
    ["cores", coresText(a), coresText(b)],
    ["cores in use", a.state.cores, b.state.cores],
    ["greatest clock", clockText(a), clockText(b)],
  ] as const;
  for (const [what, here, there] of pairs) {
    if (here !== undefined && there !== undefined && here !== there)
      return `${what}: ${there}, and ${here} there`;
  }
  return undefined;
}

function coresText({ facts: { cores } }: BoardKind): string | undefined {
  if (cores.length === 0) return undefined;
  return cores.map(({ midr, count }) => `${count} of ${midr}`).join(", ");
}

/** Of the fastest core, as the hardware has it and as it is set. */
function clockText({ state: { coreStates } }: BoardKind): string | undefined {
  const clocks = coreStates.flatMap(({ maxFrequencyMHz, limitMHz }) => {
    const all = [maxFrequencyMHz ?? limitMHz, limitMHz ?? maxFrequencyMHz].flatMap((clock) => clock ?? []);
    return all.length === 0 ? [] : [Math.min(...all)];
  });
  return clocks.length === 0 ? undefined : `${Math.max(...clocks)} MHz`;
}

/** Refuses boards of which one differs from the first. Throws D184. */
export function refuseUnequal(boards: readonly { readonly name: string; readonly kind: BoardKind }[]): void {
  const [first, ...others] = boards;
  for (const { name, kind } of others) {
    const difference = first === undefined ? undefined : differenceOf(first.kind, kind);
    if (first !== undefined && difference !== undefined) throw unequal(first.name, name, difference);
  }
}

function unequal(first: string, other: string, difference: string): UserError {
  return new UserError({
    code: "D184",
    exit: "usage",
    title: `\`${other}\` is not equal to \`${first}\`: their times cannot stand side by side`,
    why: difference,
    help: ["spread work over boards of one kind, set alike; take others one at a time"],
  });
}
