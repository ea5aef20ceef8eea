import { figureNumber } from "../../results/figure-kinds.ts";
import { medianOf } from "../../results/median.ts";
import {
  type CaseResult,
  type Figures,
  isBad,
  type LayerResult,
  type Results,
} from "../../results/results.schema.ts";
import { counted } from "../../support/text.ts";
import { kindText } from "./figures.ts";
import type { CostKind, Fact, ReportData, ReportLayer, ReportSection } from "./report-data.ts";

/** What a report shows of a run of a test suite, or of one beside an earlier one: cases of one name are one section. */
export function resultsData(after: Results, before?: Results): ReportData {
  const earlier = new Map(before?.cases.map((each) => [each.name, each]));
  const known = new Set(after.cases.map(({ name }) => name));
  const gone = (before?.cases ?? []).filter(({ name }) => !known.has(name));
  return {
    title: after.suite,
    subtitle: before === undefined ? runText(after) : `${runText(before)} \u2192 ${runText(after)}`,
    facts: [...runFacts(before, "Before"), ...runFacts(after, before === undefined ? "" : "After")],
    sections: [
      ...after.cases.map((each) => sectionOf(each, earlier.get(each.name), before !== undefined)),
      ...gone.map((each) => ({
        ...sectionOf(each, undefined, false),
        problems: ["it is not there any more: this is what it was before"],
      })),
    ],
    kernels: [],
  };
}

function runText({ label, tilewright }: Results): string {
  return label ?? `tilewright ${tilewright.version}`;
}

function runFacts(run: Results | undefined, when: string): readonly Fact[] {
  if (run === undefined) return [];
  const { label, date, tilewright, cases } = run;
  const of = (name: string): string => (when === "" ? name : `${when}: ${name.toLowerCase()}`);
  const wrong = cases.filter(({ verdict }) => isBad(verdict)).length;
  return [
    { label: of("Run"), value: [label, date].filter(Boolean).join(", ") },
    {
      label: of("Tilewright"),
      value: [tilewright.version, tilewright.build].filter(Boolean).join(", build "),
    },
    { label: of("Cases"), value: wrong === 0 ? `${cases.length}` : `${cases.length}, ${wrong} not right` },
  ].filter(({ value }) => value !== "");
}

function sectionOf(now: CaseResult, then: CaseResult | undefined, isCompared: boolean): ReportSection {
  const kind = kindOf(now, then);
  const layers = layersOf(now, then, kind);
  const cost = costOf(now.whole, kind);
  const before = then && costOf(then.whole, kind);
  const { instructions, arenaBytes, weightBytes, codeBytes } = now.whole;
  const errors = [...now.checks, now.whole].flatMap(({ ofBound }) =>
    ofBound === undefined ? [] : [figureNumber(ofBound)],
  );
  return {
    title: now.name,
    subtitle: `${now.model} · ${now.board} · ${now.core} · ${now.isa}`,
    kind,
    kindText: kindText(kind).about,
    facts: caseFacts(now),
    whole: {
      macs: layers.reduce((sum, { macs }) => sum + macs, 0),
      verdict: now.verdict,
      ...(cost !== undefined && { cost }),
      ...(before !== undefined && { before }),
      ...(instructions !== undefined && { instructions }),
      ...(arenaBytes !== undefined && { arenaBytes }),
      ...(weightBytes !== undefined && { weightBytes }),
      ...(codeBytes !== undefined && { codeBytes }),
      ...(errors.length > 0 && { ofBound: errors.reduce((a, b) => Math.max(a, b), 0) }),
    },
    layers,
    problems: [...problemsOf(now), ...(isCompared && then === undefined ? ["it was not there before"] : [])],
    groups: [],
    tuning: [],
  };
}

/** Kinds from the most telling on; of two runs one that both have. */
function kindOf(now: CaseResult, then: CaseResult | undefined): CostKind {
  const isSame = then === undefined || then.timing === now.timing;
  const kinds: readonly CostKind[] = ["modelled", ...(isSame ? [now.timing] : []), "instructions"];
  const has = (each: CaseResult, kind: CostKind): boolean => costOf(each.whole, kind) !== undefined;
  const both = kinds.find((kind) => has(now, kind) && (then === undefined || has(then, kind)));
  return both ?? kinds.find((kind) => has(now, kind)) ?? "none";
}

function costOf({ cycles, ns, instructions }: Figures, kind: CostKind): number | undefined {
  if (kind === "modelled") return cycles;
  if (kind === "instructions") return instructions;
  if (ns === undefined || ns.length === 0 || kind === "none" || kind === "bound") return undefined;
  return medianOf(ns);
}

function layersOf(now: CaseResult, then: CaseResult | undefined, kind: CostKind): readonly ReportLayer[] {
  const earlier = new Map(then?.layers.map((layer) => [layer.name, layer]));
  const costs = now.layers.map(({ figures }) => costOf(figures, kind));
  const sum = costs.reduce<number>((total, cost = 0) => total + cost, 0);
  return now.layers.map((layer, i) => {
    const old = earlier.get(layer.name);
    const cost = costs[i];
    const before = old && costOf(old.figures, kind);
    const { ofBound } = layer.figures;
    return {
      ...whatOf(layer),
      ...(cost !== undefined && { cost, share: sum > 0 ? cost / sum : 0 }),
      ...(before !== undefined && { before }),
      ...(old !== undefined && old.kernel !== layer.kernel && { isChanged: true }),
      ...(ofBound !== undefined && { ofBound: figureNumber(ofBound) }),
    };
  });
}

function whatOf({ name, op, kernel, schedule, choice, macs }: LayerResult): ReportLayer {
  return { name, op, kernel, schedule, choice, macs };
}

function caseFacts({ target, threads, compiler, modelSha256, checks }: CaseResult): readonly Fact[] {
  const inputs = [...new Set(checks.map((check) => check.inputs))];
  return [
    { label: "Target", value: target },
    { label: "C compiler", value: compiler ?? "" },
    { label: "Threads", value: String(threads) },
    { label: "Model", value: modelSha256 === undefined ? "" : `sha256 ${modelSha256.slice(0, 16)}` },
    { label: "Compared with inputs", value: inputs.join(", ") },
  ].filter(({ value }) => value !== "");
}

function problemsOf({ error, checks, verdict }: CaseResult): readonly string[] {
  const wrong = checks.flatMap(({ ok, inputs, reference, threads, failure }) => {
    if (ok) return [];
    const where = `inputs ${inputs}, ${counted(threads, "thread")}, against ${reference}`;
    if (failure === undefined) return [`wrong: ${where}`];
    const { tensor, layer, badCount, count, first, culprit } = failure;
    const said = `${badCount} of ${count} values of ${tensor}${layer === undefined ? "" : ` (made by ${layer})`} are wrong`;
    const at = `[${first.at.join(", ")}] is ${first.actual} where ${first.wanted} is wanted within ${first.bound}`;
    return [`wrong: ${where}: ${said}; ${at}${culprit === undefined ? "" : `; ${culprit}`}`];
  });
  const failed = error === undefined ? [] : [`${error.code}: ${error.text}`];
  const all = [...failed, ...wrong];
  return all.length > 0 || !isBad(verdict) ? all : [`the verdict is ${verdict}`];
}
