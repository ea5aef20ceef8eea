import type { Traffic } from "../../analyze/scheduled-traffic.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Target } from "../../target/target.schema.ts";
import { analysisText } from "../analysis-text.ts";
import { defineCommand } from "../command.ts";
import { writeWhole } from "../files.ts";
import { CSV_OUTPUT, GROUP_SIZE, GROUPS, readGrouped } from "../grouped-model.ts";
import { INPUT_SHAPE, JSON_OUTPUT, MODEL, TARGET } from "../shared-options.ts";
import { typedWord } from "../terminal.ts";
import { unreadable } from "../usage-errors.ts";

export const analyze = defineCommand({
  name: "analyze",
  summary: "Count what each layer of a network costs",
  positionals: [MODEL],
  options: {
    g: GROUPS,
    G: GROUP_SIZE,
    target: {
      ...TARGET,
      describe: "add lanes used, bytes moved by the chosen schedules, and the roofline of a target",
    },
    "input-shape": INPUT_SHAPE,
    plot: { type: "string", describe: "file for a plot of the layers (SVG)" },
    csv: CSV_OUTPUT,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright analyze zoo:mobilenet-v1 --G 4 --json", "MobileNet-V1 with groups of four channels"],
    ["tilewright analyze model.onnx --target BOARD", "what bounds each layer on a board"],
  ],
  run: async (values, { terminal }) => {
    const { analyzeNetwork } = await import("../../analyze/analyze-network.ts");
    const { loadTarget } = await import("../../target/load.ts");
    if (values.json && values.csv) throw unreadable("--json and --csv were both given", "analyze");
    const target = values.target === undefined ? undefined : loadTarget(values.target);
    const graph = await readGrouped(values, terminal, { shapesOnly: true });
    const analysis = analyzeNetwork(graph, target, await trafficOf(graph, target));
    if (values.plot !== undefined) {
      const file = values.plot;
      const { analysisPlot } = await import("../../analyze/analysis-plot.ts");
      await writeWhole(file, analysisPlot(analysis));
      terminal.note(`plot: ${file}`);
    }
    if (values.json) terminal.out(JSON.stringify(analysis, null, 2));
    else if (values.csv) {
      const { analysisCsv } = await import("../../analyze/analysis-csv.ts");
      terminal.out(analysisCsv(analysis).trimEnd());
    } else {
      terminal.out(await analysisText(analysis, terminal.outColors));
      terminal.note(
        `next: \`tilewright sweep ${typedWord(values.words.MODEL ?? "")} --G 1,2,4,8,16 --board BOARD\``,
      );
    }
  },
});

/** What caches take in with the schedules that `compile` chooses for the target. */
async function trafficOf(
  graph: Graph,
  target: Target | undefined,
): Promise<ReadonlyMap<string, Traffic> | undefined> {
  if (target === undefined) return undefined;
  const { countLayers } = await import("../../analyze/count-network.ts");
  const { scheduledTraffic } = await import("../../analyze/scheduled-traffic.ts");
  const names = countLayers(graph).map(({ name }) => name);
  return scheduledTraffic(graph, names, target);
}
