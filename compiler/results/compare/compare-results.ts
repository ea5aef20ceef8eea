import type { FigureKind } from "../figure-kinds.ts";
import { type CaseResult, isBad, type LayerResult, type Results } from "../results.schema.ts";
import { compareFigures } from "./compare-figures.ts";
import type { CaseComparison, Comparison, LayerComparison, Side } from "./comparison.ts";
import { pairUp } from "./pair-up.ts";
import { refusalsOf } from "./refusals.ts";

/**
 * Compares two runs of a suite: cases and layers by name, each kind of figure apart, in both directions. Figures of cases
 * that disagree in what these hang on (model, target, core, instruction set; times also board, kind and threads) are left
 * out and named in `refused`. What compiled them may differ: it is what is being compared.
 */
export function compareResults(base: Results, now: Results): Comparison {
  const { pairs, onlyBase, onlyNow } = pairUp(base.cases, now.cases);
  return {
    base: sideOf(base),
    now: sideOf(now),
    cases: pairs.map((pair) => compareCase(pair.base, pair.now, pair.label)),
    onlyBase,
    onlyNow,
    newFailures: now.cases.flatMap(({ name, verdict }) =>
      isBad(verdict) && onlyNow.includes(name) ? [{ name, verdict }] : [],
    ),
  };
}

function sideOf({ suite, label, date, tilewright: { version, build } }: Results): Side {
  return {
    suite,
    ...(label !== undefined && { label }),
    ...(date !== undefined && { date }),
    tilewright: build === undefined ? version : `${version} (${build})`,
  };
}

function compareCase(base: CaseResult, now: CaseResult, name: string): CaseComparison {
  const refused = refusalsOf(base, now);
  const kinds = new Set(refused.flatMap((refusal) => refusal.kinds));
  const { pairs, onlyBase, onlyNow } = pairUp(base.layers, now.layers);
  const { model, board, target, timing, threads, error } = now;
  return {
    ...{ name, model, board, target, timing, threads },
    verdict: { base: base.verdict, now: now.verdict },
    ...(error !== undefined && { error: { code: error.code, text: error.text } }),
    ...compilersOf(base, now),
    refused,
    ...compareFigures(
      { figures: base.whole, timing: base.timing },
      { figures: now.whole, timing: now.timing },
      kinds,
    ),
    layers: pairs.map((pair) => compareLayer([pair.base, base], [pair.now, now], pair.label, kinds)),
    onlyBase,
    onlyNow,
  };
}

function compilersOf(base: CaseResult, now: CaseResult): Pick<CaseComparison, "compiler"> {
  const [a = "not known", b = "not known"] = [base.compiler, now.compiler];
  return a === b ? {} : { compiler: { base: a, now: b } };
}

function compareLayer(
  [base, { timing: baseTiming }]: readonly [LayerResult, CaseResult],
  [now, { timing: nowTiming }]: readonly [LayerResult, CaseResult],
  layer: string,
  refused: ReadonlySet<FigureKind>,
): LayerComparison {
  return {
    layer,
    op: now.op,
    kernels: { base: base.kernel, now: now.kernel },
    sameKernel: base.kernel === now.kernel,
    ...compareFigures(
      { figures: base.figures, timing: baseTiming },
      { figures: now.figures, timing: nowTiming },
      refused,
    ),
  };
}
