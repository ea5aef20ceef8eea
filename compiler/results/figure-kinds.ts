import type { CaseResult, Figures } from "./results.schema.ts";

/** Figures of a case or a layer, each of one kind: only figures of one kind are ever compared. */
export const FIGURE_KINDS = [
  "instructions",
  "cycles",
  "measuredNs",
  "emulatedNs",
  "codeBytes",
  "weightBytes",
  "arenaBytes",
  "ofBound",
] as const;
export type FigureKind = (typeof FIGURE_KINDS)[number];

/** What two cases of a name have to agree in before figures that hang on it are compared. */
export type PlaceField = "modelSha256" | "target" | "core" | "isa" | "board" | "timing" | "threads";

/** All that is known of a kind. Less is better, of every kind. */
export interface KindFacts {
  readonly title: string;
  readonly unit: string;
  /** Equal programs give equal figures: one is enough to judge by. */
  readonly exact: boolean;
  /** What a figure is called that became less, and more. */
  readonly words: readonly [less: string, more: string];
  readonly hangsOn: readonly PlaceField[];
}

/** Instructions and cycles are counted on one thread, in the emulator of the target, whatever board the case names. */
const PROGRAM: readonly PlaceField[] = ["modelSha256", "target", "core", "isa"];
const PLACE: readonly PlaceField[] = [...PROGRAM, "board", "timing", "threads"];
const bytes = (title: string): KindFacts => ({
  title,
  unit: "bytes",
  exact: true,
  words: ["smaller", "larger"],
  hangsOn: PROGRAM,
});

export const KINDS: Readonly<Record<FigureKind, KindFacts>> = {
  instructions: {
    title: "instructions",
    unit: "instructions",
    exact: true,
    words: ["fewer", "more"],
    hangsOn: PROGRAM,
  },
  cycles: {
    title: "modelled cycles",
    unit: "cycles",
    exact: true,
    words: ["faster", "slower"],
    hangsOn: PROGRAM,
  },
  measuredNs: { title: "time", unit: "ns", exact: false, words: ["faster", "slower"], hangsOn: PLACE },
  emulatedNs: {
    title: "emulated time",
    unit: "ns",
    exact: false,
    words: ["faster", "slower"],
    hangsOn: PLACE,
  },
  codeBytes: bytes("code"),
  weightBytes: bytes("weights"),
  arenaBytes: bytes("arena"),
  ofBound: {
    title: "error",
    unit: "of its bound",
    exact: true,
    words: ["more exact", "less exact"],
    hangsOn: PROGRAM,
  },
};

/** The figures there are, by kind; samples of times are in the order of the runs. */
export function figuresByKind(
  figures: Figures,
  timing: CaseResult["timing"],
): ReadonlyMap<FigureKind, number | readonly number[]> {
  const { ns, ...rest } = figures;
  const found = FIGURE_KINDS.flatMap((kind): [FigureKind, number | readonly number[]][] => {
    if (kind === "measuredNs" || kind === "emulatedNs") {
      return ns !== undefined && ns.length > 0 && kind === nsKind(timing) ? [[kind, ns]] : [];
    }
    const value = rest[kind];
    return value === undefined ? [] : [[kind, figureNumber(value)]];
  });
  return new Map(found);
}

/** A figure as a number; an error that is none is as bad as any. */
export function figureNumber(value: NonNullable<Figures["ofBound"]>): number {
  return value === "NaN" ? Number.POSITIVE_INFINITY : Number(value);
}

/** Times of a place that does not say what it is are compared with none. */
function nsKind(timing: CaseResult["timing"]): FigureKind | undefined {
  return ({ measured: "measuredNs", emulated: "emulatedNs", unknown: undefined } as const)[timing];
}
