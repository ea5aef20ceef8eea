import { counted } from "../../support/text.ts";
import { KINDS } from "../figure-kinds.ts";
import type { CaseComparison, Comparison, LayerComparison } from "./comparison.ts";

/** What a reader has to know beside the figures, a line each, of the whole comparison and then of its cases. */
export function remarksOf(comparison: Comparison): readonly string[] {
  const { base, now, cases, onlyBase, onlyNow } = comparison;
  return [
    ...(base.tilewright === now.tilewright
      ? []
      : [`compiled by other builds: ${base.tilewright}, now ${now.tilewright}`]),
    ...onlyBase.map((name) => `${name}: only in BASE`),
    ...onlyNow.map((name) => `${name}: only in NOW`),
    ...cases.flatMap((found) => caseRemarks(found).map((text) => `${found.name}: ${text}`)),
  ];
}

const FIELD_NAMES = {
  modelSha256: "model",
  target: "target",
  core: "core",
  isa: "instruction set",
  board: "board",
  timing: "times",
  threads: "threads",
} as const;

const SIDES = { base: "BASE", now: "NOW" } as const;

function caseRemarks({
  compiler,
  refused,
  unmatched,
  layers,
  onlyBase,
  onlyNow,
}: CaseComparison): readonly string[] {
  return [
    ...refused.map(({ field, base, now, kinds }) => {
      if (kinds.length === 0)
        return `${FIELD_NAMES[field]} was ${field === "modelSha256" ? "another file" : `${base}, is ${now}`}`;
      const what = kinds.map((kind) => KINDS[kind].title).join(", ");
      const other = field === "modelSha256" ? "another file" : `${base}, now ${now}`;
      return `not compared (${what}): ${FIELD_NAMES[field]} differs: ${other}`;
    }),
    ...(compiler === undefined ? [] : [`C compilers differ: ${compiler.base}, now ${compiler.now}`]),
    ...unmatched.map(({ kind, only }) => `${KINDS[kind].title} only in ${SIDES[only]}`),
    ...layersUnmatched(layers),
    ...onlyBase.map((layer) => `layer ${layer} only in BASE`),
    ...onlyNow.map((layer) => `layer ${layer} only in NOW`),
    ...layers.flatMap(({ layer, sameKernel, changes }) => {
      const other = changes.filter(({ kind, direction }) => KINDS[kind].exact && direction !== "same");
      if (!sameKernel || other.length === 0) return [];
      const what = other.map(({ kind }) => KINDS[kind].title).join(", ");
      return [
        `layer ${layer} has the same kernel and other ${what}: the C compiler, or what ran before it, differs`,
      ];
    }),
  ];
}

/** A kind that only one file has for layers is usually missing for all of them. */
function layersUnmatched(layers: readonly LayerComparison[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { kind, only } of layers.flatMap(({ unmatched }) => unmatched)) {
    const what = `only in ${SIDES[only]}: ${KINDS[kind].title} of`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${what} ${counted(count, "layer")}`);
}
