// Operators beside ONNX Runtime, natively, one thread each, in turns.
//
//   node test/scripts/bench-operators.mjs [--json FILE] [TEXT ...]
//
// TEXT: only operators whose name holds one of these. The ratio is ONNX Runtime's time by ours: above 1 ours is faster.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openHost } from "./bench/host-network.mjs";
import { OPERATORS, operatorModel } from "./bench/operator-models.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string", default: process.env.OUT || "" } },
});
const folder = mkdtempSync(join(tmpdir(), "tilewright-operators-"));
try {
  const host = openHost(folder);
  console.log(`${host.note}\n`);
  const asked = (name) => positionals.length === 0 || positionals.some((text) => name.includes(text));
  const rows = [];
  for (const name of Object.keys(OPERATORS).filter(asked)) {
    const path = join(folder, `${name.replace(/\W+/g, "-")}.onnx`);
    writeFileSync(path, operatorModel(name));
    try {
      const row = { name, ...(await host.measure(path)) };
      rows.push(row);
      console.log(lineOf(row));
    } catch (error) {
      rows.push({ name, failed: String(error?.message ?? error) });
      console.log(`${name.padEnd(44)} ${String(error?.message ?? error).split("\n")[0]}`);
    }
  }
  const slow = rows.filter(({ host_ratio: ratio }) => ratio !== undefined && ratio < 1 / 1.2);
  console.log(
    `\nslower than 1.2x ONNX Runtime's time: ${slow.map(({ name }) => name).join(", ") || "none"} (of ${rows.length})`,
  );
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function lineOf({ name, host_us: ours, onnxruntime_us: theirs, host_ratio: ratio, max_rel_error: error }) {
  const beside =
    theirs === undefined
      ? ""
      : `, ONNX Runtime ${theirs.toFixed(0).padStart(7)} us: ${ratio.toFixed(2).padStart(5)}x ours; error ${error.toExponential(0)}`;
  return `${name.padEnd(44)} ${ours.toFixed(0).padStart(7)} us${beside}`;
}
