// Writes anew what README.md lists and shows; see `make readme`.
//
//   node test/scripts/update-readme.mjs [--lists]     --lists: commands and operators only, nothing that is measured
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

import { COMMANDS } from "../../dist/cli/commands.js";
import { listSupportedOps } from "../../dist/frontend/onnx/import.js";

const file = new URL("../../README.md", import.meta.url);

/** What a command prints; its failure is ours. */
function printed(command, ...args) {
  const env = { ...process.env, NO_COLOR: "1", CI: "1" };
  const { status, stdout } = spawnSync(command, args, {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
  return stdout;
}

/** Puts `text` into the fence marked `use`. */
function fill(use, text) {
  const fence = new RegExp(`(^\`\`\`text ${use}\\n)[\\s\\S]*?(^\`\`\`$)`, "m");
  const readme = readFileSync(file, "utf8");
  writeFileSync(
    file,
    readme.replace(fence, (_, begin, end) => `${begin}${text.trim()}\n${end}`),
  );
}

/** Lines of the table of commands. */
function commandRows() {
  const all = COMMANDS.flatMap((c) =>
    "commands" in c ? c.commands.map((sub) => ({ ...sub, name: `${c.name} ${sub.name}` })) : [c],
  );
  return all.map(
    ({ name, positionals, summary }) =>
      `| \`${["tilewright", name, ...positionals.map((p) => p.name)].join(" ")}\` | ${summary} |\n`,
  );
}

const text = readFileSync(file, "utf8")
  .replace(/(\| command \| what it does \|\n.*\n)(\|.*\n)*/, (_, head) => head + commandRows().join(""))
  .replace(/(ONNX operators: )[\w, ]+/, (_, words) => words + listSupportedOps().join(", "));
writeFileSync(file, text);
if (process.argv.includes("--lists")) process.exit();
fill("demo", printed("test/scripts/demo.sh"));
fill("bench-compiler", printed(process.execPath, "test/scripts/bench-compiler.mjs"));
