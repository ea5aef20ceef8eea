import { existsSync, readFileSync, writeFileSync } from "node:fs";

const FILE = "test/conformance/expected.txt";

/** Outcome of each test, by name, as it was when the list was written. */
export function readExpected() {
  if (!existsSync(FILE)) return new Map();
  const lines = readFileSync(FILE, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [, outcome, name] = /^(passed|refused|left out|wrong|crashed) +(\S+)/.exec(line);
      return [name, outcome];
    }),
  );
}

/** A line a test: what becomes of it, its name, and why where it does not pass. */
export function writeExpected(results) {
  const lines = results.map(({ name, outcome, why }) =>
    `${outcome.padEnd(8)} ${name}${why === undefined ? "" : `  ${why.replace(/^node `[^`]*`( and \d+ more)?: /, "")}`}`.slice(
      0,
      160,
    ),
  );
  writeFileSync(
    FILE,
    `# What becomes of ONNX's backend tests (libonnx-testdata 1.12). Written by make conformance ARGS=--update\n${lines.join("\n")}\n`,
  );
  return FILE;
}
