import type { Analysis } from "../../analyze/analyze-network.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Numerics } from "../../ops/numerics.ts";
import { typedWord } from "../../support/text.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { analysisText } from "../analysis-text.ts";
import { defineCommand } from "../command.ts";
import { CSV_OUTPUT, GROUP_SIZE, GROUPS, readGrouped } from "../grouped-model.ts";
import { decisionsOf } from "../network-steps.ts";
import { checkOutputs } from "../outputs.ts";
import { INPUTS } from "../reading-options.ts";
import { DECISIONS, JSON_OUTPUT, MODEL, NUMERICS, RECORDS, SET, TARGET } from "../shared-options.ts";
import type { Terminal } from "../terminal.ts";
import { unreadable } from "../usage-errors.ts";
import { withRecords } from "../with-records.ts";

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
    ...INPUTS,
    numerics: NUMERICS,
    decisions: DECISIONS,
    set: SET,
    records: RECORDS,
    plot: { type: "string", describe: "file for a plot of the layers (SVG)" },
    csv: CSV_OUTPUT,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright analyze zoo:mobilenet-v1 --G 4 --json", "MobileNet-V1 with groups of four channels"],
    ["tilewright analyze model.onnx --target BOARD", "what bounds each layer on a board"],
  ],
  run: async (values, { terminal }) => {
    const { loadTarget } = await import("../../machine/load.ts");
    if (values.json && values.csv) throw unreadable("--json and --csv were both given", "analyze");
    const target = values.target === undefined ? undefined : loadTarget(values.target);
    await checkOutputs("analyze", [values.words.MODEL], [{ option: "--plot", path: values.plot }]);
    const graph = await readGrouped(values, terminal, { shapesOnly: true });
    const analysis = await analysisOf(graph, target, values, terminal);
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

/** On a target: what `compile` makes for it. */
async function analysisOf(
  graph: Graph,
  target: Target | undefined,
  values: Readonly<{
    decisions?: string | undefined;
    set?: readonly string[] | undefined;
    records?: readonly string[] | undefined;
    numerics: Numerics;
  }>,
  terminal: Terminal,
): Promise<Analysis> {
  if (target === undefined) {
    const given = (["decisions", "set", "records"] as const).find((name) => values[name] !== undefined);
    if (given !== undefined) throw unreadable(`--${given} needs a --target to decide for`, "analyze");
    const { analyzeNetwork } = await import("../../analyze/analyze-network.ts");
    return analyzeNetwork(graph);
  }
  const { analyzeDecided } = await import("../../driver/decide/analyze-decided.ts");
  const { numerics, records } = values;
  const asked = { numerics, ...(await decisionsOf(values)) };
  return analyzeDecided(graph, target, await withRecords({ graph }, { records, target }, asked, terminal));
}
