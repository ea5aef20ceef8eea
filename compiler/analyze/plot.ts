import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

/** The only door to echarts: a chart as the text of an SVG file. Equal options give equal text. */
export function svgPlot(option: EChartsCoreOption, width = 960, height = 540): string {
  use([
    BarChart,
    CustomChart,
    LineChart,
    ScatterChart,
    GridComponent,
    LegendComponent,
    TitleComponent,
    LabelLayout,
    SVGRenderer,
  ]);
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, backgroundColor: "#ffffff", ...option });
    // names come from model files: XML has no control characters, not even escaped
    return renumbered(chart.renderToSVGString()).replace(/[^\P{Cc}\n\t]/gu, " ");
  } finally {
    chart.dispose();
  }
}

/** Classes and clip paths carry numbers that count the charts of this process: instead, in order of appearance. */
function renumbered(svg: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\bzr\d+-[a-z]+-?\d+/g, (name) => {
    const known = names.get(name) ?? `part${names.size}`;
    names.set(name, known);
    return known;
  });
}
