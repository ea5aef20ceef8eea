import { askBoard } from "../board-script.ts";
import { type Kept, planCleaning } from "../known/holdings.ts";
import { caller, holderOf, type LockHolder } from "../lock-holder.ts";
import type { Connection } from "./transport.ts";
import { askHoldings, type VisitOptions, withWay } from "./visit.ts";

/** What a cleaning has taken from a board, or would take. */
export interface Cleaned {
  readonly folder?: string;
  readonly removed: readonly Kept[];
  /** What stays: somebody may be at it. */
  readonly kept: readonly Kept[];
  /** Locks of processes that have ended; they go with what is kept there. */
  readonly staleLocks: number;
  /** Who has the machine, so that nothing goes that a program may need. */
  readonly busy?: LockHolder;
}

/**
 * Removes copies, broken uploads, folders of runs and old locks from a board; with `dryRun` only says which. Nothing goes that
 * somebody may be at. Throws what connecting does, D109, D125, D133, D137.
 */
export function cleanBoard(
  name: string,
  { dryRun, ...options }: VisitOptions & { readonly dryRun: boolean },
): Promise<Cleaned> {
  return withWay(name, options, async (way) => {
    const holdings = await askHoldings(way, options);
    const { folder, items, staleLocks } = holdings;
    const { left, locked, living } = planCleaning(holdings);
    const { names, busy } =
      dryRun || folder === undefined
        ? wouldGo(left, locked, holdings.busy)
        : await remove(way, folder, left, locked);
    return {
      ...(folder !== undefined && { folder }),
      removed: items.filter((item) => names.has(item.name)),
      kept: [...locked.filter((item) => !names.has(item.name)), ...living],
      staleLocks: busy === undefined && folder !== undefined ? staleLocks : 0,
      ...(busy !== undefined && { busy }),
    };
  });
}

interface Gone {
  readonly names: ReadonlySet<string>;
  readonly busy?: LockHolder | undefined;
}

function wouldGo(left: readonly Kept[], locked: readonly Kept[], busy: LockHolder | undefined): Gone {
  const going = busy === undefined ? [...left, ...locked] : left;
  return { names: new Set(going.map(({ name }) => name)), busy };
}

/** Words of one command line. */
const NAMES_AT_ONCE = 400;
const LOCKLESS: LockHolder = { held: 0, holder: "somebody whose locks this account cannot read" };

async function remove(
  way: Connection,
  folder: string,
  left: readonly Kept[],
  locked: readonly Kept[],
): Promise<Gone> {
  const names = new Set<string>();
  let busy: LockHolder | undefined;
  for (let at = 0; at < Math.max(left.length, locked.length, 1); at += NAMES_AT_ONCE) {
    const some = (items: readonly Kept[]): string[] =>
      items.slice(at, at + NAMES_AT_ONCE).map(({ name }) => name);
    const lines = await askBoard(way, "clean", [folder, caller(), ...some(left), "--", ...some(locked)]);
    for (const line of lines) {
      if (line.startsWith("removed ")) names.add(line.slice("removed ".length));
      if (line.startsWith("busy ")) busy = holderOf(line.slice("busy ".length));
      if (line === "no lock") busy = LOCKLESS;
    }
  }
  return { names, busy };
}
