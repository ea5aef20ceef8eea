import { holderOf, type LockHolder } from "../lock-holder.ts";
import { isLeftBehind } from "../owned-names.ts";
import { plainText } from "../plain-text.ts";

/** Something that Tilewright keeps on a board: a copy of a program or script, an upload that has begun, a run's folder. */
export interface Kept {
  readonly kind: "copy" | "upload" | "run";
  /** Below the folder of copies. */
  readonly name: string;
  readonly kib: number;
  /** Nobody has touched it for two days. */
  readonly old: boolean;
}
export interface Holdings {
  /** Absent: nothing was ever kept there. */
  readonly folder?: string;
  readonly diskFreeMiB?: number;
  readonly items: readonly Kept[];
  /** Who has the machine, if anybody. */
  readonly busy?: LockHolder;
  /** Locks of processes that have ended. */
  readonly staleLocks: number;
}

const KINDS: readonly (readonly [Kept["kind"], RegExp])[] = [
  ["copy", /^[0-9a-f]{64}$/],
  ["upload", /^\.new-[\w-]{1,120}$/],
  ["run", /^runs\/[0-9a-f]{8}-\d{1,10}-[0-9a-f]{16}(?:\.active)?$/],
];

/** Reads what templates/board/holdings.sh printed. Names that are none of Tilewright's are left out. */
export function parseHoldings(lines: readonly string[]): Holdings {
  const all = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  // A path of several lines is none that could be told apart from other words.
  const folder = all("folder").find((path) => /^\/\P{Cc}*$/u.test(path));
  const [lock] = all("lock");
  const disk = wholeOf(all("disk")[0]);
  const old = new Set(all("old"));
  const kept =
    folder === undefined ? [] : [...all("file"), ...all("run").map((line) => line.replace(" ", " runs/"))];
  return {
    ...(folder !== undefined && { folder: plainText(folder) }),
    ...(disk !== undefined && { diskFreeMiB: Math.floor(disk / 1024) }),
    items: kept.flatMap((line) => keptOf(line, old)),
    ...(lock !== undefined && { busy: holderOf(lock) }),
    staleLocks: wholeOf(all("stale")[0]) ?? 0,
  };
}

function keptOf(line: string, old: ReadonlySet<string>): readonly Kept[] {
  const [, size, name = ""] = /^(\d{1,15}) (\S+)$/.exec(line) ?? [];
  const kind = KINDS.find(([, names]) => names.test(name))?.[0];
  const kib = wholeOf(size);
  return kind === undefined || kib === undefined
    ? []
    : [{ kind, name, kib, old: old.has(name.replace(/^runs\//, "")) }];
}

function wholeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** What may go from a board. */
export interface Cleaning {
  /** Nobody needs it any more, whoever has the machine. */
  readonly left: readonly Kept[];
  /** A program may need it: it goes with the machine's lock taken. */
  readonly locked: readonly Kept[];
  /** Somebody may be at it now. */
  readonly living: readonly Kept[];
}

export function planCleaning({ items }: Pick<Holdings, "items">): Cleaning {
  const locked = items.filter(needsLock);
  const others = items.filter((item) => !needsLock(item));
  return { left: others.filter(isLeft), locked, living: others.filter((item) => !isLeft(item)) };
}

function needsLock({ kind, name }: Kept): boolean {
  return kind === "copy" || name.endsWith(".active");
}

function isLeft({ name, old }: Kept): boolean {
  return old || isLeftBehind(name.replace(/^runs\//, ""));
}

export function kibOf(items: readonly Kept[]): number {
  return items.reduce((sum, { kib }) => sum + kib, 0);
}
