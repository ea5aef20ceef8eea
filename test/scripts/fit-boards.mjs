// How far modelled times of boards are off: ncnn's programs on the models of their cores beside the times that its users
// published. --update writes what was fitted into targets/*.json, --readme the README's table, --json prints it.
//
//   node test/scripts/fit-boards.mjs [--update] [--readme] [--json]
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { judged, predicted, publishedBoards } from "./boards/fit.mjs";

const SOURCE =
  "fitted to times of ncnn's networks that its users published (benchmark/README.md, one thread, f32)";
const flag = { type: "boolean" };
const { values } = parseArgs({ options: { update: flag, readme: flag, json: flag } });

const boards = publishedBoards().map((board) => ({ ...board, fit: judged(board.networks) }));
if (values.json) console.log(JSON.stringify(boards, null, 1));
else for (const board of boards) console.log(textOf(board));
if (values.readme) writeTable();
if (values.update) for (const board of boards) update(board);

function textOf({ board, title, model, fit, networks }) {
  const { factor, missNs, within, leftOut } = fit;
  const rows = networks.map((row) => {
    const ms = predicted(row, fit);
    const off = 100 * (ms / row.measured - 1);
    return `  ${row.network.padEnd(22)} ${ms.toFixed(1).padStart(7)} ms modelled, ${row.measured.toFixed(1).padStart(7)} published: ${off > 0 ? "+" : ""}${off.toFixed(0)} %`;
  });
  const head = `${board}, ${title}: by the model of ${model}, times ${factor.toFixed(2)} and ${missNs.toFixed(2)} ns a miss: within ${(100 * within).toFixed(0)} %, a network that was left out within ${(100 * leftOut).toFixed(0)} %`;
  return [head, ...rows].join("\n");
}

function writeTable() {
  const percent = (part) => `${(100 * part).toFixed(0)} %`;
  const rows = boards.map(({ board, model, MHz, networks, fit: { factor, missNs, within, leftOut } }) =>
    [
      `\`${board}\``,
      model,
      MHz,
      networks.length,
      factor.toFixed(2),
      missNs.toFixed(2),
      percent(within),
      percent(leftOut),
    ].join(" | "),
  );
  const head = "board | model | MHz | networks | factor | ns a miss | off at most | left out";
  const lines = [head, "--- | --- | ---: | ---: | ---: | ---: | ---: | ---:", ...rows].map(
    (line) => `| ${line} |\n`,
  );
  const file = "README.md";
  const region = /(<!-- fit-boards:[^\n]*-->\n)[\s\S]*?(<!-- \/fit-boards -->)/;
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(region, (_, begin, end) => begin + lines.join("") + end),
  );
}

/** A core that was counted as another's has a model of its own, or none: nothing is known of that. */
function update({ board, core, model, fit }) {
  const file = `targets/${board}.json`;
  if (core !== model || !existsSync(file)) return;
  const { published: _, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(
    `${file}.new`,
    `${JSON.stringify({ ...rest, published: { ...fit, source: SOURCE } }, null, 2)}\n`,
  );
  renameSync(`${file}.new`, file);
}
