import type { FigureKind, PlaceField } from "../figure-kinds.ts";
import type { CaseResult, Verdict } from "../results.schema.ts";
import type { TimeChange } from "./time-change.ts";

/** A figure of one kind in both files; of times it is the median, in nanoseconds. */
export interface Change {
  readonly kind: FigureKind;
  readonly base: number;
  readonly now: number;
  /** Less is better, of every kind. Times are the same unless it is sure that they are not. */
  readonly direction: "better" | "same" | "worse";
  /** `now` in parts of `base`; absent where that is no finite number. */
  readonly ratio?: number;
  /** Of times alone. */
  readonly times?: TimeChange;
}

/** A figure that one of both has alone. */
export interface Unmatched {
  readonly kind: FigureKind;
  readonly only: "base" | "now";
}

/** A layer of that name in both. */
export interface LayerComparison {
  /** The second of a name is told as `NAME (2)`. */
  readonly layer: string;
  readonly op: string;
  readonly kernels: { readonly base: string; readonly now: string };
  /** Equal C, flags and instruction set. */
  readonly sameKernel: boolean;
  readonly changes: readonly Change[];
  readonly unmatched: readonly Unmatched[];
}

/** What two cases of a name disagree in, and the kinds of figures that are not compared therefore. */
export interface Refusal {
  readonly field: PlaceField;
  readonly base: string;
  readonly now: string;
  readonly kinds: readonly FigureKind[];
}

/** A case of that name in both. */
export interface CaseComparison {
  readonly name: string;
  readonly model: string;
  readonly board: string;
  readonly target: string;
  readonly timing: CaseResult["timing"];
  readonly threads: number;
  readonly verdict: { readonly base: Verdict; readonly now: Verdict };
  /** Of a case that could not be run now. */
  readonly error?: { readonly code: string; readonly text: string };
  /** C compilers, where they differ. */
  readonly compiler?: { readonly base: string; readonly now: string };
  readonly refused: readonly Refusal[];
  readonly changes: readonly Change[];
  readonly unmatched: readonly Unmatched[];
  readonly layers: readonly LayerComparison[];
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
}

/** Which run of a suite it was. */
export interface Side {
  readonly suite: string;
  readonly label?: string;
  readonly date?: string;
  /** Version and build of the compiler. */
  readonly tilewright: string;
}

/** Two runs of a suite, case by case. */
export interface Comparison {
  readonly base: Side;
  readonly now: Side;
  readonly cases: readonly CaseComparison[];
  /** Names of cases that one file has alone. */
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
  /** Of the cases that are new, those that are not right. */
  readonly newFailures: readonly { readonly name: string; readonly verdict: Verdict }[];
}
