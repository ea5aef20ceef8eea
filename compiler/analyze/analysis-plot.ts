import type { Analysis } from "./analyze-network.ts";
import { svgPlot } from "./plot.ts";

/** MACs of each layer as bars and its arithmetic intensity as a line, as the text of an SVG file. */
export function analysisPlot({ network, layers }: Analysis): string {
  const counted = layers.filter(({ macs }) => macs > 0);
  return svgPlot({
    title: { text: `${network}: what each layer costs` },
    legend: { top: 34, data: ["million MACs", "arithmetic intensity"] },
    grid: { left: 60, right: 60, top: 70, bottom: 130 },
    xAxis: {
      type: "category",
      data: counted.map(({ name }) => name),
      axisLabel: { rotate: 60, interval: counted.length > 60 ? Math.ceil(counted.length / 60) - 1 : 0 },
    },
    yAxis: [
      { type: "value", name: "million MACs" },
      { type: "value", name: "MACs / element" },
    ],
    series: [
      { name: "million MACs", type: "bar", data: counted.map(({ macs }) => macs / 1e6) },
      {
        name: "arithmetic intensity",
        type: "line",
        yAxisIndex: 1,
        data: counted.map((layer) => Number(layer.arithmetic_intensity.toFixed(2))),
      },
    ],
  });
}
