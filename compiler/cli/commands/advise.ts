import { writeWhole } from "../../support/write-whole.ts";
import { adviceText } from "../advise-text.ts";
import { defineCommand } from "../command.ts";
import { GROUP_SIZE, GROUPS, readGrouped } from "../grouped-model.ts";
import { checkOutputs } from "../outputs.ts";
import { INPUTS } from "../reading-options.ts";
import { BOARD, JSON_OUTPUT, MODEL, TARGET } from "../shared-options.ts";
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
    ...INPUTS,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright advise zoo:mobilenet-v1 --g 32 --board host", "at the MACs of 32 groups in each layer"],
  ],
  run: async (values, { terminal }) => {
    const { adviseGroups } = await import("../../driver/sweep/advise-groups.ts");
    const { boardTarget } = await import("../../driver/run/board-target.ts");
    const { board = "", macs, output, log } = values;
    if (macs !== undefined && !(macs > 0)) throw badValue("macs", String(macs), "a number above 0");
    await checkOutputs("advise", [values.words.MODEL], [{ option: "-o", path: output }]);
    const target = boardTarget(board, values.target);
    const graph = await readGrouped(values, terminal, { shapesOnly: output === undefined });
    const { advice, model, source } = await adviseGroups(graph, {
      ...{ model: values.words.MODEL ?? "", board, target },
      ...(macs !== undefined && { macs: 1e6 * macs }),
      ...(log !== undefined && { log }),
    });
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
