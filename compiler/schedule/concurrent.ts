import { axisRanges } from "../ir/axes.ts";
import { instructionNamed } from "../ir/instruction.ts";
import { matchInstruction } from "../ir/match-instruction.ts";
import type { LoopProc } from "../ir/proc.ts";
import { walk } from "../ir/rewrite.ts";
import type { ForStmt, LoopMode } from "../ir/stmt.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import { accessesOf, conflicting } from "./accesses.ts";
import { meet, type Witness } from "./dependence.ts";
import { clashText, type Rules, refuse } from "./primitive.ts";

/** Two iterations of a loop that touch the same element, one of them writing: they may not run at once. */
export function raceIn(l: ForStmt, { body }: LoopProc): Witness | "unknown" | undefined {
  if (l.extent < 2) return undefined;
  const around = axisRanges(body);
  const touched = accessesOf(l.body);
  const distances = new Map([[l.axis, { extent: l.extent, distance: "after" as const }]]);
  for (const a of touched) {
    if (a.kind === "read") continue;
    for (const b of touched) {
      // the same combination from two iterations at once loses one of them: so as if sums were strict
      const combined = a.buffer === b.buffer && a.kind === b.kind;
      if (!combined && !conflicting(a, b, true)) continue;
      const met = meet(a, b, distances, around) ?? (a === b ? undefined : meet(b, a, distances, around));
      if (met !== undefined) return met;
    }
  }
  return undefined;
}

/** A vector loop holds only assignments: no loops, local buffers or conditions. */
export function isPlain(l: ForStmt): boolean {
  return l.body.every((s) => s.kind === "store" || s.kind === "reduce");
}

/**
 * Loops marked parallel, vector or as an instruction must stay what they were marked for. Looks at those that a step made anew
 * (a loop a step leaves alone keeps its identity).
 */
export function checkMarks(
  before: LoopProc,
  after: LoopProc,
  op: string,
  { machine }: Rules,
): Diagnostic | undefined {
  const old = marked(before);
  if (old.size === 0) return undefined;
  for (const l of marked(after)) {
    if (old.has(l)) continue;
    if (l.mode === "instruction") {
      const by = instructionNamed(machine, l.instruction);
      const match = by === undefined ? "its loops would be others" : matchInstruction(l, by);
      if (typeof match === "string") return broken(op, l, match);
      continue;
    }
    if (l.mode === "vector" && !isPlain(l)) {
      return refuse(
        "S205",
        `cannot ${op}: \`${l.axis}\` is a vector loop, and would hold more than assignments`,
        "the lanes of a vector take no branches and run no loops",
        `${op} first, then vectorize`,
      );
    }
    const race = raceIn(l, after);
    if (race === undefined) continue;
    const how = l.mode === "vector" ? "runs in lanes" : "is parallel";
    return refuse(
      "S206",
      `cannot ${op}: \`${l.axis}\` ${how}, and its iterations would touch the same element`,
      clashText(race),
      `${op} first, then mark the loops`,
    );
  }
  return undefined;
}

function broken(op: string, { axis, instruction }: ForStmt, why: string): Diagnostic {
  const does = instruction === undefined ? "it does" : `\`${instruction}\` does`;
  return refuse(
    "S207",
    `cannot ${op}: \`${axis}\` is one instruction, and would no longer be what ${does}`,
    why,
    `${op} first, then tensorize`,
  );
}

const MARKS: ReadonlySet<LoopMode> = new Set(["parallel", "vector", "instruction"]);

function marked(proc: LoopProc): Set<ForStmt> {
  const found = new Set<ForStmt>();
  walk(proc.body, (s) => {
    if (s.kind === "for" && MARKS.has(s.mode)) found.add(s);
  });
  return found;
}
