import { UserError } from "../../support/diagnostic.ts";
import { counted, visible } from "../../support/text.ts";
import { refusalsOf } from "../compare/refusals.ts";
import { medianOf } from "../median.ts";
import type { CaseResult, Figures, Results } from "../results.schema.ts";
import type { GateRule, GateRules } from "./gate-rules.schema.ts";
import { type Difference, differenceOf, MARGINS } from "./learn-rule.ts";
import { soundRule } from "./sound-rule.ts";

/** A results file with the name to tell of it. */
export interface NamedResults {
  readonly file: string;
  readonly results: Results;
}

/** Two runs differ once: that says nothing of how much they may. */
const FEWEST = 3;

/**
 * Learns the rules of measured times from runs of one build against themselves: one for each network and one for each
 * operator of its layers. Throws R167 where files are of different builds or places, R168 where no case was measured in
 * FEWEST of them, R177 where two hold one run, R178 where times vary too much.
 */
export function calibrate(files: readonly NamedResults[]): GateRules {
  checkDistinct(files);
  const runs = new Map<string, { file: string; found: CaseResult }[]>();
  for (const { file, results } of files) {
    for (const found of results.cases) {
      if (found.timing !== "measured") continue;
      const earlier = runs.get(found.name) ?? [];
      if (earlier.length > 0) checkSame(earlier[0], { file, found });
      runs.set(found.name, [...earlier, { file, found }]);
    }
  }
  const enough = [...runs.values()].filter(({ length }) => length >= FEWEST);
  const rules = enough.flatMap((all) => rulesOf(all.map(({ found }) => found)));
  if (rules.length === 0) throw nothingToLearn(files.length);
  return { format: "tilewright-gate-rules", version: 1, margin: MARGINS.files, rules };
}

function rulesOf(cases: readonly CaseResult[]): GateRule[] {
  const [{ name, board, target, threads, layers }] = cases;
  const place = { how: "files", case: name, board, target, threads } as const;
  const rules: GateRule[] = [];
  const learn = (differences: readonly Difference[], op?: string): void => {
    if (differences.length === 0) return;
    const where = { ...place, ...(op !== undefined && { op }) };
    rules.push({ ...where, ...soundRule(where, differences, MARGINS.files) });
  };
  learn(differencesOf(cases.map(({ whole }) => whole)));
  for (const op of new Set(layers.map((layer) => layer.op))) {
    const own = layers.flatMap((layer, i) =>
      layer.op === op ? differencesOf(cases.map((one) => one.layers[i].figures)) : [],
    );
    learn(own, op);
  }
  return rules;
}

/** Of each pair of runs. */
function differencesOf(all: readonly Figures[]): Difference[] {
  const medians = all
    .map(({ ns }) => (ns === undefined || ns.length === 0 ? 0 : medianOf(ns)))
    .filter((ns) => ns > 0);
  return medians.flatMap((a, i) => medians.slice(i + 1).map((b) => differenceOf(a, b)));
}

interface Run {
  readonly file: string;
  readonly found: CaseResult;
}

/** Throws R167 unless both are runs of the same kernels in the same place. */
function checkSame(base: Run, now: Run): void {
  const [refusal] = refusalsOf(base.found, now.found);
  if (refusal !== undefined) {
    const { field, base: a, now: b } = refusal;
    throw otherBuild(base, now, `${field}: ${a}, ${b}`);
  }
  const [a, b] = [base.found.layers, now.found.layers];
  if (a.length !== b.length) throw otherBuild(base, now, `${a.length} layers, ${b.length}`);
  for (const [i, { name, kernel }] of a.entries()) {
    const other = b[i];
    if (name !== other.name) throw otherBuild(base, now, `layer ${i + 1}: ${name}, ${other.name}`);
    if (kernel !== other.kernel)
      throw otherBuild(base, now, `layer ${name}: kernel ${kernel}, ${other.kernel}`);
  }
}

function otherBuild({ file, found: { name } }: Run, { file: other }: Run, why: string): UserError {
  return new UserError({
    code: "R167",
    exit: "badInput",
    title: visible(`case ${name} is not the same in \`${file}\` and \`${other}\``),
    why: visible(why),
    help: ["rules are learned from several runs of one build in one place: `tilewright test` again for each"],
  });
}

/** Throws R177: a copy of a run differs from it by nothing, so a rule learned of both would be too small. */
function checkDistinct(files: readonly NamedResults[]): void {
  const seen = new Map<string, string>();
  for (const { file, results } of files) {
    const text = JSON.stringify(results.cases);
    const earlier = seen.get(text);
    if (earlier !== undefined) {
      throw new UserError({
        code: "R177",
        exit: "badInput",
        title: visible(`\`${earlier}\` and \`${file}\` hold one and the same run`),
        why: "rules are learned from how much runs differ",
        help: ["give files of several runs: `tilewright test` again for each"],
      });
    }
    seen.set(text, file);
  }
}

function nothingToLearn(files: number): UserError {
  return new UserError({
    code: "R168",
    exit: "badInput",
    title: "no rules can be learned from these results",
    why: `of ${counted(files, "file")} no ${FEWEST} hold measured times of the same case`,
    help: [
      "exact figures (instructions, cycles) need no rules",
      "run `tilewright test` six times or more on a board, with some hundreds of runs each",
    ],
  });
}
