import type { BoardFacts } from "../../device/board-facts.ts";
import type { BoardState } from "../../device/board-state.ts";
import { UserError } from "../../support/diagnostic.ts";

/** What times hang on, as a board tells it. */
export interface BoardKind {
  readonly facts: Pick<BoardFacts, "machine" | "cores">;
  readonly state: Pick<BoardState, "cores" | "coreStates">;
}

/** The same in words, by what it is; without what the board does not tell. */
export type KindText = Readonly<Record<string, string>>;

export function kindText(kind: BoardKind): KindText {
  const { facts, state } = kind;
  const all = {
    machine: facts.machine,
    cores: coresText(kind),
    "cores in use": state.cores?.toString(),
    "greatest clock": clockText(kind),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([what, text]) => (text === undefined ? [] : [[what, text] as const])),
  );
}

/** How two boards differ in what times hang on; undefined where they do not. What neither or only one tells is no difference. */
export function differenceOf(a: BoardKind, b: BoardKind): string | undefined {
  return differenceIn(kindText(a), kindText(b));
}

/** The same of what was told of them. */
export function differenceIn(a: KindText, b: KindText): string | undefined {
  for (const [what, here] of Object.entries(a)) {
    const there = b[what];
    if (there !== undefined && here !== there) return `${what}: ${there}, and ${here} there`;
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
    if (first !== undefined && difference !== undefined) throw unequalBoards(first.name, name, difference);
  }
}

export function unequalBoards(first: string, other: string, difference: string): UserError {
  return new UserError({
    code: "D184",
    exit: "usage",
    title: `\`${other}\` is not equal to \`${first}\`: their times cannot stand side by side`,
    why: difference,
    help: ["spread work over boards of one kind, set alike; take others one at a time"],
  });
}
