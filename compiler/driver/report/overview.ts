import type { TableView } from "../../codegen/report-view.ts";
import { axis, type Chart, COLORS, GRID, inlinePlot, STILL, shortName } from "./chart.ts";
import { changeText, kindText, scaleFor } from "./figures.ts";
import { direction, errorColumn, tableOf, words } from "./layer-table.ts";
import type { Packs } from "./pack-texts.ts";
import type { ReportSection } from "./report-data.ts";

/** A line for each section: what came of it, and what it costs. */
export function overviewTable(sections: readonly ReportSection[], packs: Packs): TableView {
  // each line in a unit of its own: kinds are not compared with one another
  const cost = (section: ReportSection, value: number | undefined): string => {
    if (value === undefined) return "";
    const scale = scaleFor(section.kind, Math.max(section.whole.cost ?? 0, section.whole.before ?? 0));
    return `${scale.text(value)} ${scale.unit}`;
  };
  const change = ({ whole: { before, cost } }: ReportSection): string =>
    before === undefined || cost === undefined ? "" : changeText(before, cost);
  return tableOf<ReportSection & { readonly index: number }>(
    "cases",
    "Cases",
    [
      {
        ...words("case", "a network on a board", ({ title }) => title, "name"),
        cell: ({ title, index }) => ({ text: title, isLink: true, to: `s${index}` }),
      },
      words("on", "model, board, core and instruction set", ({ subtitle }) => subtitle),
      {
        ...words("verdict", "whether its results are right", ({ whole }) => whole.verdict ?? ""),
        cell: ({ whole: { verdict = "" } }) => ({ text: verdict, className: `w verdict-${verdict}` }),
      },
      errorColumn(({ whole }) => whole.ofBound),
      words("figures", "what the costs are", ({ kind }) => (kind === "none" ? "" : kindText(kind).title)),
      { ...words("before", "its whole cost", (s) => cost(s, s.whole.before)), className: "n" },
      { ...words("cost", "its whole cost", (s) => cost(s, s.whole.cost)), className: "n" },
      {
        ...words("change", "from before to after", change),
        className: "n",
        cell: (s) => ({
          text: change(s),
          className: `n ${direction(s.whole.before ?? 0, s.whole.cost ?? 0)}`,
        }),
      },
    ],
    sections.map((section, index) => ({ ...section, index })),
    packs,
  );
}

const MOST_BARS = 40;

/** How each case changed, the most first. */
export function changesChart(sections: readonly ReportSection[]): readonly Chart[] {
  const known = sections
    .flatMap(({ title, whole: { before, cost } }) =>
      before === undefined || cost === undefined || before === 0 ? [] : [{ title, before, cost }],
    )
    .map((each) => ({ ...each, change: 100 * (each.cost / each.before - 1) }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  if (known.length === 0) return [];
  const shown = known.slice(0, MOST_BARS);
  const title = "Change of each case";
  const note = `percent of what it cost before, below 0 is better${shown.length < known.length ? `; the ${shown.length} that changed most` : ""}`;
  const svg = inlinePlot(
    "changes",
    `${title}: ${note}`,
    {
      grid: { ...GRID, top: 28, right: 24 },
      xAxis: axis("", { type: "value", position: "top", axisLabel: { formatter: "{value} %" } }),
      yAxis: axis("", {
        type: "category",
        inverse: true,
        data: shown.map((each) => shortName(each.title, 40)),
      }),
      series: [
        {
          ...{ ...STILL, type: "bar", barCategoryGap: "30%" },
          data: shown.map(({ change }) => ({
            value: Number(change.toFixed(3)),
            itemStyle: { color: change > 0 ? COLORS.third : COLORS.main },
          })),
        },
      ],
    },
    50 + 24 * shown.length,
    true,
  );
  const columns = ["case", "before", "after", "change in percent"];
  const rows = known.map((each) => [each.title, each.before, each.cost, each.change]);
  return [{ id: "changes", title, note, svg, isWide: true, figures: { columns, rows } }];
}
