import type { z } from "zod";
import { axisNames } from "../ir/axes.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import { didYouMean } from "../support/text.ts";

/**
 * A schedule primitive: `check` says why a step may not be taken, or nothing; `apply` then takes it and
 * never fails. Both are pure.
 */
export interface Primitive<S extends { readonly op: string }> {
  readonly op: S["op"];
  readonly schema: z.ZodType<S>;
  check(proc: LoopProc, step: S): Diagnostic | undefined;
  apply(proc: LoopProc, step: S): LoopProc;
}

export function definePrimitive<S extends { readonly op: string }>(primitive: Primitive<S>): Primitive<S> {
  return primitive;
}

type ScheduleCode = `S${number}`;

/** A refusal of a step. */
export function refuse(code: ScheduleCode, title: string, why: string, ...help: string[]): Diagnostic {
  return { code, exit: "illegalSchedule", title, why, help };
}

/** Refuses an axis that is not there. */
export function checkAxis(proc: LoopProc, op: string, axis: string): Diagnostic | undefined {
  const names = axisNames(proc.body);
  if (names.includes(axis)) return undefined;
  const near = didYouMean(axis, names);
  return refuse(
    "S101",
    `cannot ${op} \`${axis}\`: no such loop`,
    `the loops are ${names.join(", ")}`,
    ...(near ? [`did you mean \`${near}\`?`] : []),
  );
}

/** Refuses names for new loops that are taken already. */
export function checkFresh(proc: LoopProc, op: string, names: readonly string[]): Diagnostic | undefined {
  const taken = axisNames(proc.body);
  const twice = names.find((n, i) => taken.includes(n) || names.indexOf(n) !== i);
  if (twice === undefined) return undefined;
  return refuse("S102", `cannot ${op}: the name \`${twice}\` is taken`, `the loops are ${taken.join(", ")}`);
}
