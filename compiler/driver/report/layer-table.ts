import type { CellView, ColumnView, TableView } from "../../codegen/report-view.ts";
import { visible } from "../../support/text.ts";
import type { FigureTable } from "./chart.ts";
import { dataLinks } from "./data-link.ts";
import { changeText, errorText, kindText, percent, type Scale, scaleFor } from "./figures.ts";
import type { Packs } from "./pack-texts.ts";
import type { CycleParts, ReportLayer, ReportSection } from "./report-data.ts";

/** A column: its head, what a layer has in it, and whether any has something. */
export interface Column<T> extends ColumnView {
  readonly cell: (row: T) => Partial<CellView> & { readonly text: string };
  readonly figure: (row: T) => string | number;
}

/** Every layer of a section. Columns that no layer has anything in are left out. */
export function layerTable(
  id: string,
  section: ReportSection,
  kernels: ReadonlySet<string>,
  packs: Packs,
): TableView {
  const most = section.layers.reduce((m, { cost = 0, before = 0 }) => Math.max(m, cost, before), 0);
  const scale = scaleFor(section.kind, most);
  const columns = [
    ...namesOf(),
    ...costsOf(section, scale),
    ...lossesOf(scale),
    errorColumn<ReportLayer>(({ ofBound }) => ofBound),
    kernelColumn(kernels),
    words<ReportLayer>("choice", "what was chosen, and why", ({ choice }) => choice, "choice"),
  ];
  return tableOf(id, `Layers of ${section.title}`, columns, section.layers, packs);
}

/** As the page's style has it. */
const MOST_ROWS = 300;

/** The view of a table with the columns that say something. */
export function tableOf<T>(
  id: string,
  label: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  packs: Packs,
): TableView {
  const used = columns.filter(({ cell }) => rows.some((row) => cell(row).text !== ""));
  const figures: FigureTable = {
    columns: used.map(({ title }) => title),
    rows: rows.map((row) => used.map(({ figure }) => figure(row))),
  };
  return {
    id,
    label: visible(label),
    count: rows.length,
    isLong: rows.length > MOST_ROWS,
    columns: used.map(({ title, about, className }) => ({ title, about, className })),
    rows: rows.map((row) => ({
      cells: used.map(({ cell, className }) => {
        const made = cell(row);
        const plain = { className, isLink: false, to: "", isBar: false, bar: "" };
        return { ...plain, ...made, text: visible(made.text) };
      }),
    })),
    ...{ ...dataLinks(figures, packs), file: id },
  };
}

/** A column of words. */
export function words<T>(title: string, about: string, of: (row: T) => string, className = "w"): Column<T> {
  return { title, about, className, cell: (row) => ({ text: of(row) }), figure: of };
}

/** A column of numbers in one unit. */
export function numbers<T>(
  title: string,
  about: string,
  of: (row: T) => number | undefined,
  text: (value: number) => string,
): Column<T> {
  const cell = (row: T): { readonly text: string } => {
    const value = of(row);
    return { text: value === undefined ? "" : text(value) };
  };
  return { title, about, className: "n", cell, figure: (row) => of(row) ?? "" };
}

/** The largest error of a layer, or of a whole network. */
export function errorColumn<T>(of: (row: T) => number | undefined): Column<T> {
  return numbers("error", "the largest, in parts of its rounding bound", of, errorText);
}

function namesOf(): readonly Column<ReportLayer>[] {
  return [
    words("layer", "name of the layer, or of its part", ({ name }) => name, "name"),
    words("operator", "what computes it", ({ op }) => op),
    words("schedule", "how its loops are arranged", ({ schedule }) => schedule),
    numbers(
      "MACs",
      "millions of multiply-accumulates that the network asks for",
      ({ macs }) => (macs > 0 ? macs : undefined),
      (macs) => (macs / 1e6).toFixed(2),
    ),
  ];
}

function costsOf({ kind, layers }: ReportSection, scale: Scale): readonly Column<ReportLayer>[] {
  const about = `${scale.unit}, ${kindText(kind).title}`;
  const most = layers.reduce((m, { share = 0 }) => Math.max(m, share), 0);
  const isCompared = layers.some(({ before }) => before !== undefined);
  const share = numbers<ReportLayer>("share", "of all layers", (l) => l.share, percent);
  return [
    numbers("before", about, (l) => l.before, scale.text),
    numbers(isCompared ? `after, ${scale.unit}` : scale.unit, about, (l) => l.cost, scale.text),
    {
      ...words<ReportLayer>("change", "from before to after", ({ before, cost }) =>
        before === undefined || cost === undefined ? "" : changeText(before, cost),
      ),
      cell: ({ before, cost }) =>
        before === undefined || cost === undefined
          ? { text: "" }
          : { text: changeText(before, cost), className: `n ${direction(before, cost)}` },
      className: "n",
    },
    {
      ...share,
      cell: (l) => ({
        ...share.cell(l),
        isBar: l.share !== undefined && most > 0,
        bar: ((100 * (l.share ?? 0)) / Math.max(most, Number.MIN_VALUE)).toFixed(1),
      }),
    },
  ];
}

/** Class of a change: what is not worth a colour has none. */
export function direction(before: number, after: number): string {
  const change = after / before - 1;
  if (!(Math.abs(change) >= 0.005)) return "";
  return change > 0 ? "worse" : "better";
}

function lossesOf(scale: Scale): readonly Column<ReportLayer>[] {
  const lost = ({ parts }: ReportLayer): number | undefined =>
    parts && parts.other + parts.secondCache + parts.memory;
  return [
    numbers(
      "of peak",
      "part of the core's peak; what Winograd saves is not asked for",
      (l) => l.ofPeak,
      percent,
    ),
    numbers("lost", `${scale.unit} beyond the multiplications at the core's peak`, lost, scale.text),
    words("lost where", "the largest part of what is lost", ({ parts }) => (parts ? whereLost(parts) : "")),
  ];
}

function whereLost({ other, secondCache, memory }: CycleParts): string {
  const all = other + secondCache + memory;
  if (all <= 0) return "";
  const [[name, most]] = [
    ["other work", other] as const,
    ["second cache", secondCache] as const,
    ["memory", memory] as const,
  ].sort((a, b) => b[1] - a[1]);
  return `${name} ${Math.round((100 * most) / all)} %`;
}

function kernelColumn(kernels: ReadonlySet<string>): Column<ReportLayer> {
  return {
    ...words<ReportLayer>(
      "kernel",
      "names what it is: equal names are equal C",
      ({ kernel }) => kernel,
      "code",
    ),
    cell: ({ kernel, isChanged = false }) => ({
      text: isChanged ? `${kernel} (changed)` : kernel,
      isLink: kernels.has(kernel),
      to: `k-${kernel}`,
    }),
  };
}
