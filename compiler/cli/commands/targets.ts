import { defineCommand } from "../command.ts";
import { plainTable } from "../tables.ts";

const json = { type: "boolean", describe: "print JSON", default: false } as const;

export const targetsList = defineCommand({
  name: "list",
  summary: "List the boards that can be compiled for",
  positionals: [],
  options: { json },
  examples: [],
  run: async ({ json }, { terminal }) => {
    const { listTargets, loadTarget } = await import("../../machine/load.ts");
    const targets = listTargets().map(loadTarget);
    if (json) {
      terminal.out(
        JSON.stringify(
          targets.map((t) => t.board),
          null,
          2,
        ),
      );
      return;
    }
    const rows = targets.map((t) => [t.name, t.board.run, t.core.name, t.board.summary]);
    terminal.out(await plainTable(["target", "runs", "core", ""], rows));
    terminal.note("next: `tilewright compile MODEL --target TARGET -o build/`");
  },
});

export const targetsShow = defineCommand({
  name: "show",
  summary: "Show all that is known of one target",
  positionals: [
    { name: "TARGET", describe: "name of a target, a board's JSON file, or -mcpu=CORE", required: true },
  ],
  options: { json },
  examples: [],
  run: async ({ json, words }, { terminal }) => {
    const { loadTarget } = await import("../../machine/load.ts");
    const target = loadTarget(words.TARGET ?? "");
    if (json) {
      terminal.out(JSON.stringify(target, null, 2));
      return;
    }
    const { board, core, isa } = target;
    const rows = [
      ["target", target.name],
      ["", board.summary],
      ["runs", { native: "here", qemu: "here, emulated by qemu-user", ssh: "over ssh" }[board.run]],
      ["compiler", board.triple === undefined ? "this machine's own" : `${board.triple}-gcc`],
      ["flags", board.cflags.join(" ")],
      ["core", `${core.name}, ${board.cores} of them: ${core.summary}`],
      ["peak", `${core.fmaPerCycle * isa.lanes * 2} floating-point operations a cycle and core`],
      ["caches", `${core.l1dBytes / 1024} KiB L1 data, ${core.l2Bytes / 1024} KiB L2`],
      ["vectors", `${isa.lanes} lanes, ${isa.registers} registers: ${isa.summary}`],
      ["figures", core.source],
    ];
    for (const [label = "", text = ""] of rows) terminal.out(`${label.padEnd(10)}${text}`);
  },
});
