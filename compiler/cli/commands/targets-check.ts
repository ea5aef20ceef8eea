import type { Target } from "../../machine/target.schema.ts";
import { visible } from "../../support/text.ts";
import { defineCommand } from "../command.ts";
import { JSON_OUTPUT } from "../shared-options.ts";
import { typedWord } from "../terminal.ts";

export const targetsCheck = defineCommand({
  name: "check",
  summary: "Check the file of a board of your own",
  positionals: [{ name: "FILE", describe: "a board's JSON file", required: true }],
  options: { json: JSON_OUTPUT },
  examples: [
    ["tilewright targets check my-board.json", "whether it describes a board, and what it leaves open"],
  ],
  run: async ({ json, words }, { terminal }) => {
    const { loadTarget } = await import("../../machine/load.ts");
    const { lookForToolchain } = await import("../../toolchain/toolchain.ts");
    const { UserError } = await import("../../support/diagnostic.ts");
    const file = words.FILE ?? "";
    const target = loadTarget(file);
    const found = await lookForToolchain(target);
    const open = leftOpen(target);
    const missing = found instanceof UserError ? [found.message] : [];
    if (json) {
      terminal.out(JSON.stringify({ file, board: target.board, open, missing }, null, 2));
      return;
    }
    const { board, isa, core } = target;
    terminal.out(
      `${visible(file)} describes \`${board.name}\`: ${isa.name}, ${core.name}, ${board.cores} cores`,
    );
    for (const text of open) terminal.out(`  left open: ${text}`);
    for (const text of missing) terminal.out(`  not here: ${text}`);
    terminal.note(`next: \`tilewright compile MODEL --target ${typedWord(file)} -o build/\``);
  },
});

/** What a file may leave out, and what cannot be done without. */
function leftOpen({ board, core }: Target): string[] {
  const { clockMHz, memoryGBs, ramMiB, published } = board;
  return [
    ...(clockMHz === undefined ? ["clockMHz: no times are modelled, and no roofline"] : []),
    ...(memoryGBs === undefined ? ["memoryGBs: no roofline"] : []),
    ...(ramMiB === undefined ? ["ramMiB: networks that are too large for it are not refused"] : []),
    ...(core.model !== undefined && published === undefined
      ? ["published: nobody knows how far modelled times are off"]
      : []),
  ];
}
