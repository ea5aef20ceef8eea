import { join } from "node:path";
import type { LayerModel } from "../../analyze/layer-model.ts";
import type { Graph } from "../../graph/graph.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { Target } from "../../target/target.schema.ts";
import { adviceText } from "../advise-text.ts";
import { defineCommand } from "../command.ts";
import { writeWhole } from "../files.ts";
import { GROUP_SIZE, GROUPS, readGrouped } from "../grouped-model.ts";
import { BOARD, INPUT_SHAPE, JSON_OUTPUT, MODEL, TARGET } from "../shared-options.ts";
import { sweepLogFile } from "../sweep-run.ts";
import { badValue } from "../usage-errors.ts";

export const advise = defineCommand({
  name: "advise",
  summary: "Propose a group size for each layer of a network on a board",
  positionals: [MODEL],
  options: {
    board: {
      ...BOARD,
      describe: "a board that `tilewright sweep` measured the network on, or a target to model",
    },
    g: GROUPS,
    G: GROUP_SIZE,
    macs: { type: "number", describe: "million MACs the network shall have (default: as many as it has)" },
    target: TARGET,
    log: { type: "string", describe: "log of the sweep (default .tilewright/sweep/...)" },
    output: { alias: "o", type: "string", describe: "write the network with the proposed groups as ONNX" },
    "input-shape": INPUT_SHAPE,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright advise zoo:mobilenet-v1 --g 32 --board host", "at the MACs of 32 groups in each layer"],
  ],
  run: async (values, { terminal }) => {
    const { advise: propose, MACS_ABOVE } = await import("../../analyze/advise.ts");
    const { boardTarget } = await import("../../driver/board-target.ts");
    const { board = "", macs, output } = values;
    if (macs !== undefined && !(macs > 0)) throw badValue("macs", String(macs), "a number above 0");
    const target = boardTarget(board, values.target);
    const graph = await readGrouped(values, terminal, { shapesOnly: output === undefined });
    const { model, source } = await modelOf(values.words.MODEL ?? "", board, target, graph, values.log);
    const advice = propose(graph, target.isa.lanes, model, macs === undefined ? undefined : 1e6 * macs);
    if (advice === undefined) {
      throw new UserError({
        code: "C402",
        exit: "usage",
        title: `no group sizes give \`${graph.name}\` ${macs ?? ""} million MACs`,
        why: `layers that can be regrouped allow no sum up to ${100 * MACS_ABOVE} % above it`,
        help: [`\`tilewright analyze ${values.words.MODEL} --G 1\` shows the least there can be`],
      });
    }
    if (values.json) terminal.out(JSON.stringify({ board, source, ...advice, model: model.fit }, null, 2));
    else terminal.out(await adviceText(advice, model.fit, board, source, terminal.outColors));
    if (output === undefined) return;
    const { exportOnnx } = await import("../../frontend/onnx/export.ts");
    const { regroup } = await import("../../analyze/regroup.ts");
    const sizes = new Map(advice.layers.map(({ layer, proposed }) => [layer, proposed]));
    await writeWhole(output, exportOnnx(regroup(graph, { sizes }).graph));
    terminal.note(`${output}: weights of the changed layers are new and random: it has to be trained`);
  },
});

/** What the sweep's log teaches; without one, or too little in it, the target's roofline. */
async function modelOf(
  spec: string,
  board: string,
  target: Target,
  graph: Graph,
  logFile: string | undefined,
): Promise<{ readonly model: LayerModel; readonly source: string }> {
  const { existsSync } = await import("node:fs");
  const { layerModel } = await import("../../analyze/layer-model.ts");
  const { readSweepLog } = await import("../../analyze/sweep-log.ts");
  const file = logFile ?? sweepLogFile(spec, board);
  if (logFile !== undefined || existsSync(file)) {
    const lines = await readSweepLog(file);
    const records = lines.flatMap((line) => (line.kind === "setting" && line.board === board ? [line] : []));
    const kind = records.at(-1)?.cost_kind;
    const model = layerModel(records.filter(({ cost_kind }) => cost_kind === kind));
    if (model !== undefined) return { model, source: file };
  }
  const model = await roofline(graph, target);
  if (model !== undefined) return { model, source: "roofline" };
  throw new UserError({
    code: "C403",
    exit: "usage",
    title: `nothing is known of what layers cost on \`${board}\``,
    why: `\`${file}\` has no measurements of it, and its target has no roofline`,
    help: [`measure first: \`tilewright sweep ${spec} --G 1,2,4,8,16 --board ${board}\``],
  });
}

/** A model from the target's roofline bounds at a few group sizes. */
async function roofline(graph: Graph, target: Target): Promise<LayerModel | undefined> {
  const { roofsOf } = await import("../../analyze/roofline.ts");
  if (roofsOf(target) === undefined) return undefined;
  const { layerModel } = await import("../../analyze/layer-model.ts");
  const { regroup, regroupable } = await import("../../analyze/regroup.ts");
  const { sweepSetting } = await import("../../driver/sweep-network.ts");
  const variable = new Set(regroupable(graph).map(({ name }) => name));
  const request = {
    model: "",
    inputShapes: [],
    jobs: 1,
    dumpIr: undefined,
    signal: new AbortController().signal,
  };
  const place = { target, threads: 1, warmup: 0, repeats: 1, timeoutSeconds: 1, request };
  const counts = { known: new Map(), onKernel: async () => {} };
  const records = [];
  for (const G of [1, 2, 4, 8, 16, 32]) {
    const job = { graph: regroup(graph, { G }).graph, model: "", setting: { G }, variable };
    records.push(await sweepSetting(job, place, join("."), counts, () => {}));
  }
  return layerModel(records);
}
