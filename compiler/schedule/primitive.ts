import type { z } from "zod";
import { axisNames } from "../ir/axes.ts";
import type { Machine } from "../ir/instruction.ts";
import { nameProblem } from "../ir/names.ts";
import { tablesOf } from "../ir/print.ts";
import type { LoopProc } from "../ir/proc.ts";
import { walk } from "../ir/rewrite.ts";
import type { Block } from "../ir/stmt.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import { didYouMean } from "../support/text.ts";
import { GAVE_UP, iterationText, type Witness } from "./dependence.ts";

/** What a schedule may do to the results. */
export interface Rules {
  /** Sums keep their order, so that every bit of the result stays. */
  readonly strict: boolean;
  /** What is compiled for; absent: a procedure alone, without instructions. */
  readonly machine?: Machine;
}
export const RELAXED: Rules = { strict: false };

/**
 * A schedule primitive: `check` says why a step may not be taken, or nothing; `apply` then takes it and
 * never fails. Both are pure.
 */
export interface Primitive<S extends { readonly op: string }> {
  readonly op: S["op"];
  readonly schema: z.ZodType<S>;
  check(proc: LoopProc, step: S, rules: Rules): Diagnostic | undefined;
  apply(proc: LoopProc, step: S, rules: Rules): LoopProc;
}

export function definePrimitive<S extends { readonly op: string }>(primitive: Primitive<S>): Primitive<S> {
  return primitive;
}

type ScheduleCode = `S${number}`;

/** A refusal of a step. */
export function refuse(code: ScheduleCode, title: string, why: string, ...help: string[]): Diagnostic {
  return { code, exit: "illegalSchedule", title, why, help };
}

/** Why two iterations may not be swapped, or run at once. */
export function clashText(clash: Witness | "unknown", relation: "and" | "must come before" = "and"): string {
  if (clash === "unknown") return GAVE_UP;
  const both = `${iterationText(clash.first)} ${relation} ${iterationText(clash.second)}`;
  return `${both}${relation === "and" ? "" : ":"} both touch ${clash.element}`;
}

function hasLoop(block: Block, axis: string): boolean {
  for (const s of block)
    if ((s.kind === "for" && s.axis === axis) || ("body" in s && hasLoop(s.body, axis))) return true;
  return false;
}

/** Refuses an axis that is not there. */
export function checkAxis(proc: LoopProc, op: string, axis: string): Diagnostic | undefined {
  if (hasLoop(proc.body, axis)) return undefined;
  const names = axisNames(proc.body);
  const near = didYouMean(axis, names);
  return refuse(
    "S101",
    `cannot ${op} \`${axis}\`: no such loop`,
    `the loops are ${names.join(", ")}`,
    ...(near ? [`did you mean \`${near}\`?`] : []),
  );
}

/** Refuses names for new loops or buffers that are no names, or taken already by a loop, a buffer or a table. */
export function checkFresh(proc: LoopProc, op: string, names: readonly string[]): Diagnostic | undefined {
  for (const name of names) {
    const problem = nameProblem(name);
    if (problem !== undefined)
      return refuse("S128", `cannot ${op}: nothing can be called \`${name}\``, problem);
  }
  const loops = axisNames(proc.body);
  const buffers = [...bufferNames(proc), ...tablesOf(proc).map((t) => t.name)];
  const twice = names.find((n, i) => loops.includes(n) || buffers.includes(n) || names.indexOf(n) !== i);
  if (twice === undefined) return undefined;
  return refuse(
    "S102",
    `cannot ${op}: the name \`${twice}\` is taken`,
    buffers.includes(twice) ? `the buffers are ${buffers.join(", ")}` : `the loops are ${loops.join(", ")}`,
  );
}

/** Refuses a buffer that is not there; `title` says what cannot be done. */
export function checkBuffer(proc: LoopProc, title: string, buffer: string): Diagnostic | undefined {
  const names = bufferNames(proc);
  if (names.includes(buffer)) return undefined;
  return refuse("S109", `${title}: no such buffer`, `the buffers are ${names.join(", ")}`);
}

/** Refuses what is no local buffer. */
export function checkLocal(proc: LoopProc, title: string, buffer: string): Diagnostic | undefined {
  const names = localNames(proc);
  if (names.includes(buffer)) return undefined;
  const why = names.length === 0 ? "there are none" : `the local buffers are ${names.join(", ")}`;
  return refuse("S115", `${title}: no such local buffer`, why);
}

/** Names of all parameters and local buffers. */
export function bufferNames(proc: LoopProc): string[] {
  return [...new Set([...proc.params.map((p) => p.name), ...localNames(proc)])];
}

/** Names of all local buffers. */
export function localNames(proc: LoopProc): string[] {
  const names = new Set<string>();
  walk(proc.body, (s) => {
    if (s.kind === "alloc") names.add(s.buffer);
  });
  return [...names];
}
