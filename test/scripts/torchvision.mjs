// torchvision's networks, and some that it does not have, as PyTorch exports them: compiled for this machine, compared
// with ONNX Runtime, timed in turns with it on one thread. Fails where a result is wrong, a network crashes, one that was
// right once (test/torchvision/expected.txt) is not any more, or activations take more memory than they should.
//
//   node test/scripts/torchvision.mjs [--folder DIR] [--turns N] [--json] [--update] [NAME ...]
//
// DIR holds the exports, and takes those that it does not hold yet: that needs Debian's python3-torch and
// python3-torchvision. --turns 0 leaves the times out.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readExpected, writeExpected } from "./torchvision/expected.mjs";
import { heading, lineOf, summary } from "./torchvision/table.mjs";

const EXPORT = "test/scripts/torchvision/export.py";
const MEASURE = "test/scripts/torchvision/measure.mjs";
/** Bytes of all activations, at most, for each byte that is alive at once. */
const MOST_MEMORY = 1.15;
/** Debian's: others seldom have its packages. */
const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: "string", default: ".tilewright/torchvision" },
    turns: { type: "string", default: "5" },
    json: { type: "boolean" },
    update: { type: "boolean" },
  },
});
const expected = readExpected();
const names = positionals.length > 0 ? positionals : listed();
mkdirSync(options.folder, { recursive: true });
if (!options.json) console.log(heading());
const rows = [];
for (const name of names) {
  const row = { name, ...measured(exported(name)) };
  rows.push(row);
  if (!options.json) console.log(lineOf(row));
}
console.log(options.json ? JSON.stringify(rows, null, 1) : summary(rows));

const lost = rows.filter(({ name, outcome }) => expected.get(name) === "right" && outcome !== "right");
for (const { name, outcome, why } of lost)
  console.error(`lost: ${name} is ${outcome}${why ? `: ${why}` : ""}`);
if (options.update) console.error(`written: ${writeExpected(new Map(expected), rows)}`);
const large = rows.filter(({ memory }) => memory > MOST_MEMORY);
for (const { name, memory } of large)
  console.error(`large: activations of ${name} take ${memory.toFixed(2)} times what is alive at once`);
const bad = rows.some(({ outcome }) => outcome === "wrong" || outcome === "crashed");
process.exit(bad || large.length > 0 || (lost.length > 0 && !options.update) ? 1 : 0);

function listed() {
  return python("--list").trim().split("\n");
}

/** The file of a network; undefined where PyTorch has no ONNX for it. */
function exported(name) {
  const path = join(options.folder, `${name}.onnx`);
  if (!existsSync(path)) python(options.folder, name);
  return path;
}

function python(...args) {
  try {
    return execFileSync(PYTHON, [EXPORT, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    console.error(`${PYTHON} ${EXPORT} ${args.join(" ")} failed:\n${error.stderr ?? error.message}`);
    console.error("it needs python3-torch, python3-torchvision and python3-onnx (Debian 12)");
    process.exit(1);
  }
}

function measured(path) {
  const args = [MEASURE, path, "--turns", options.turns];
  try {
    const output = execFileSync(process.execPath, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return JSON.parse(output.trim().split("\n").at(-1));
  } catch (error) {
    return { outcome: "crashed", why: String(error.stderr ?? error.message).slice(-300) };
  }
}
