import { join, relative } from "node:path";
import type { BundleMetadata } from "../../artifact/bundle.ts";
import type { BuiltNetwork } from "../../driver/build-network.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { defineCommand } from "../command.ts";
import { buildWithSteps, decidingValues, nextCommand } from "../network-steps.ts";
import { READING } from "../reading-options.ts";
import { DECIDING, DUMP_IR, JOBS, JSON_OUTPUT, MODEL, TARGET } from "../shared-options.ts";
import { algorithmsText, tilesText } from "../tiles-text.ts";

export const compile = defineCommand({
  name: "compile",
  summary: "Compile a network to a folder of C, weights and a binary",
  positionals: [MODEL],
  options: {
    target: { ...TARGET, required: true },
    output: { alias: "o", type: "string", required: true, describe: "folder for the result" },
    ...READING,
    "dump-ir": DUMP_IR,
    ...DECIDING,
    "decisions-out": {
      type: "string",
      requiresArg: true,
      describe: "file for what was decided of each layer, to be read, changed and given to --decisions",
    },
    golden: {
      type: "boolean",
      describe:
        "put an input and its expected output into the bundle (default: when that takes about a second)",
    },
    jobs: JOBS,
    json: JSON_OUTPUT,
  },
  examples: [
    [
      "tilewright compile model.onnx --target BOARD -o build/",
      "the folder also builds on the board: make -C build",
    ],
  ],
  run: async (values, context) => {
    const { terminal } = context;
    const { loadTarget } = await import("../../machine/load.ts");
    const model = values.words.MODEL ?? "";
    const target = loadTarget(values.target ?? "");
    const out = values.output ?? "";
    const golden = values.golden === undefined ? "when-quick" : values.golden ? "always" : "never";
    const { choose, "dump-ir": dumpIr } = values;
    const built = await buildWithSteps(
      { ...decidingValues(values), model, target, dumpIr, golden, out },
      context,
    );
    const { metadata } = built;
    const decisionsOut = values["decisions-out"];
    if (decisionsOut !== undefined) await writeDecisions(decisionsOut, built);
    if (values.json) {
      terminal.out(
        JSON.stringify(
          {
            bundle: out,
            program: built.program,
            metadata,
            ...(choose === "model" && {
              choices: built.compiled.found,
              algorithms: built.compiled.algorithms,
            }),
          },
          null,
          2,
        ),
      );
      return;
    }
    const size = (bytes: number): string =>
      bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    const macs = metadata.layers.reduce((sum, layer) => sum + layer.macs, 0);
    terminal.out(
      `${metadata.name} for ${metadata.target}: ${metadata.layers.length} layers, ${(macs / 1e6).toFixed(1)} million MACs`,
    );
    terminal.out(`  memory   ${size(metadata.arenaBytes)} arena, ${size(metadata.weightBytes)} weights`);
    const { rowsText } = await import("../../graph/unused-rows.ts");
    for (const port of metadata.inputs) terminal.out(`  input    ${portText(port)}${rowsText(port)}`);
    for (const port of metadata.outputs) terminal.out(`  output   ${portText(port)}${rowsText(port)}`);
    if (choose === "model") {
      if (built.compiled.algorithms.length > 0) terminal.out(`  computed ${algorithmsText(built.compiled)}`);
      terminal.out(`  tiles    ${tilesText(built.compiled, target)}`);
    }
    terminal.out(`  bundle   ${out}`);
    terminal.out(`  binary   ${join(out, relative(out, built.program))}`);
    const isReached = target.board.run === "ssh";
    const place = isReached
      ? { board: "user@host", target: target.name }
      : { board: target.name, target: undefined };
    terminal.note(nextCommand("bench", { ...values, ...place }));
  },
});

async function writeDecisions(file: string, { compiled, target }: BuiltNetwork): Promise<void> {
  const { decisionsOf } = await import("../../driver/decide/decisions.ts");
  const { decisionsText } = await import("../../driver/decide/decisions-file.ts");
  const { plan, kernels } = compiled;
  const decisions = decisionsOf(plan, kernels, compiled.target);
  await writeWhole(file, decisionsText(decisions, plan.name, target.name));
}

/** "image [1, 3, 224, 224] of u8" */
function portText(port: BundleMetadata["inputs"][number]): string {
  const { name, shape, dtype } = port;
  const type = dtype === undefined ? "" : ` of ${dtype}${dtype === "f64" ? ", computed in float" : ""}`;
  return `${name} [${shape.join(", ")}]${type}`;
}
