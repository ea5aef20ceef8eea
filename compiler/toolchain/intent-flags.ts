import { INTENTS, type Intent } from "../artifact/intent.ts";

/** Families of C compilers that have flags of their own; `other` is one that says it is neither. */
export const FAMILIES = ["gcc", "clang"] as const;
export type Family = (typeof FAMILIES)[number];

/** Which C compiler it is. */
export interface CompilerKind {
  readonly family: Family | "other";
  /** The first number of its version; 0 where it says none. */
  readonly major: number;
}

/** A flag, and the first version that knows it. */
interface Flag {
  readonly flag: string;
  readonly since?: number;
}

/**
 * The flags that stand for an intent; each stands for one. gcc's are those of gcc 12, each for one fault that modelled cycles
 * showed. clang 14 and 19 show one of these: loops written out already are written out once more. They are left their own order of
 * instructions: without it 1x1 layers of a core in order take a third longer, though others take less.
 */
export const INTENT_FLAGS: Readonly<Record<Intent, Readonly<Record<Family, readonly Flag[]>>>> = {
  "keep-order": {
    // The first pass over instructions mixes; the other two pull apart stores that one instruction could do together.
    gcc: [
      { flag: "-fno-schedule-insns" },
      { flag: "-fno-schedule-fusion", since: 5 },
      { flag: "-fno-tree-ter" },
    ],
    clang: [{ flag: "-fno-unroll-loops" }],
  },
  "no-hoisting": { gcc: [{ flag: "-fno-move-loop-invariants" }], clang: [] },
  "keep-loads": { gcc: [{ flag: "-fno-tree-loop-im" }, { flag: "-fno-tree-pre" }], clang: [] },
  "no-sharing": { gcc: [{ flag: "-fno-gcse" }], clang: [] },
  "keep-registers": { gcc: [{ flag: "-fira-algorithm=priority" }], clang: [] },
  "keep-chains": { gcc: [{ flag: "-fno-tree-coalesce-vars" }], clang: [] },
  "spread-registers": { gcc: [{ flag: "-frename-registers" }], clang: [] },
  "keep-loops": { gcc: [{ flag: "--param=max-completely-peel-times=0" }], clang: [] },
  "load-again": { gcc: [{ flag: "-fno-predictive-commoning" }], clang: [] },
  "wide-order": { gcc: [{ flag: "-mtune=cortex-a72", since: 6 }], clang: [] },
};

/**
 * What keeps a compiler quiet about bundles, for builds that ask for warnings: clang counts helpers that a kernel does not
 * call as its own.
 */
export const QUIET_FLAGS: Readonly<Record<Family, readonly string[]>> = {
  gcc: [],
  clang: ["-Wno-unused-function"],
};

/** The flags of any version: which of them a compiler knows, it is asked. */
export function familyFlags(family: Family, intent: Intent): readonly string[] {
  return INTENT_FLAGS[intent][family].map(({ flag }) => flag);
}

/** Flags for a compiler, in the order of the intents. One of no known family is offered gcc's: most speak its language. */
export function intentFlags({ family, major }: CompilerKind, intents: readonly Intent[]): readonly string[] {
  const known = family === "other" ? "gcc" : family;
  return intents
    .flatMap((intent) =>
      INTENT_FLAGS[intent][known].filter(({ since = 0 }) => family === "other" || major >= since),
    )
    .map(({ flag }) => flag);
}

/** All there are for a compiler: two binaries of one C may differ by them. */
export function allIntentFlags(kind: CompilerKind): readonly string[] {
  return intentFlags(kind, INTENTS);
}

/** A file's own flags: what it asks for, and what somebody said. */
export function sourceFlags(
  kind: CompilerKind,
  {
    intents = [],
    cflags,
  }: { readonly intents?: readonly Intent[] | undefined; readonly cflags: readonly string[] },
): readonly string[] {
  return [...intentFlags(kind, intents), ...cflags];
}

/** The family and version by what a compiler prints for --version. */
export function compilerKind(says: string): CompilerKind {
  const clang = /\bclang version (\d+)/.exec(says);
  if (clang !== null) return { family: "clang", major: Number(clang[1]) };
  if (!says.includes("Free Software Foundation")) return { family: "other", major: 0 };
  const gcc = / (\d+)\.\d[\w.-]*(?: .*)?$/m.exec(says.split("\n")[0]);
  return { family: "gcc", major: Number(gcc?.[1] ?? 0) };
}
