import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { CaseResult } from "../../results/results.schema.ts";
import type { GoldenKeeper } from "./golden/keep-golden.ts";

/** Where a case is run. */
export interface CasePlace {
  readonly runner: Runner;
  readonly target: Target;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** Folder for C files that show what is wrong; absent: none are written. */
  readonly reproducers?: string;
  /** Whether the smallest layer that fails is looked for. */
  readonly shrink?: boolean;
  /** Keeps the outputs of cases that are right. */
  readonly golden?: GoldenKeeper;
}

/** What is said of a case whatever becomes of it. */
export type Described = Omit<CaseResult, "verdict" | "seconds" | "checks" | "whole" | "layers">;
export type Found = Partial<Described> & Pick<CaseResult, "checks" | "whole" | "layers">;
