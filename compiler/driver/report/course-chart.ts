import type { CoursePoint } from "../run/run-course.ts";
import { axis, type Chart, COLORS, inlinePlot, STILL } from "./chart.ts";
import type { ReportSection } from "./report-data.ts";

/** One of the quantities of a course, in a strip of its own. */
interface Strip {
  readonly name: string;
  readonly color: string;
  readonly of: (point: CoursePoint) => number | undefined;
}

const STRIPS: readonly Strip[] = [
  { name: "\u00b5s, median of a block", color: COLORS.main, of: ({ medianNs }) => medianNs / 1e3 },
  { name: "MHz of the core's clock", color: COLORS.second, of: ({ clockMHz }) => clockMHz },
  { name: "°C", color: COLORS.third, of: ({ temperatureC }) => temperatureC },
];
/** Pixels of a strip, and of the room above it and at the end. */
const STRIP = 92;
const ABOVE = 44;
const END = 40;
/** Pixels for the labels of the upright axes. */
const LABELS = 72;

/** Time, clock and temperature along a measurement, one above the other; what a board does not tell has no strip. */
export function courseChart(id: string, { course = [] }: ReportSection): readonly Chart[] {
  if (course.length < 2) return [];
  const strips = STRIPS.filter(({ of }) => course.some((point) => of(point) !== undefined));
  const throttled = course.some((point) => point.throttled === true);
  const title = "Along the run";
  const what = strips.map(({ name }) => name.split(",")[0]).join(", ");
  const note = `${what} over seconds, block after block, also those that do not count${throttled ? "; hollow where the firmware throttled" : ""}`;
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      // as wide as one another, whatever their labels are: what happens at one moment is to stand in one line
      grid: strips.map((_, i) => ({
        ...{ left: LABELS, right: 16, top: ABOVE + i * (STRIP + ABOVE), height: STRIP },
        outerBoundsMode: "none",
      })),
      xAxis: strips.map((_, i) =>
        axis(i === strips.length - 1 ? "seconds" : "", {
          ...{ type: "value", gridIndex: i, min: 0, max: course.at(-1)?.seconds, splitLine: { show: false } },
          ...{ nameLocation: "middle", nameGap: 26 },
          axisLabel: { show: i === strips.length - 1, hideOverlap: true },
        }),
      ),
      yAxis: strips.map(({ name }, i) =>
        axis(name, {
          ...{ type: "value", gridIndex: i, scale: true, splitNumber: 3 },
          nameTextStyle: { color: COLORS.text, align: "left", fontSize: 12 },
        }),
      ),
      series: strips.map(({ color, of }, i) => ({
        ...{ ...STILL, type: "line", xAxisIndex: i, yAxisIndex: i, symbolSize: 5 },
        lineStyle: { color, width: 1.5 },
        data: course.map((point) => {
          const value = of(point);
          const symbol = point.throttled === true ? "emptyCircle" : "circle";
          return {
            ...{ symbol, itemStyle: { color } },
            value: [point.seconds, value === undefined ? "-" : Number(value.toPrecision(6))],
          };
        }),
      })),
    },
    END + strips.length * (STRIP + ABOVE),
  );
  const columns = ["seconds", "\u00b5s", "MHz", "°C", "throttled"];
  const rows = course.map((p) => [
    ...[p.seconds, p.medianNs / 1e3, p.clockMHz ?? "", p.temperatureC ?? ""],
    p.throttled === undefined ? "" : String(p.throttled),
  ]);
  return [{ id, title, note, svg, isWide: false, figures: { columns, rows } }];
}
