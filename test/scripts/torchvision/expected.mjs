import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const FILE = "test/torchvision/expected.txt";
const HEAD =
  "# What becomes of torchvision's networks as PyTorch 1.13 exports them. Written by make test-torchvision ARGS=--update";

/** Outcome of each network, by name, as it was when the list was written. */
export function readExpected() {
  if (!existsSync(FILE)) return new Map();
  const lines = readFileSync(FILE, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => line.split(/ +/, 2).reverse()));
}

/** What was not run keeps its line. */
export function writeExpected(expected, rows) {
  for (const { name, outcome } of rows) expected.set(name, outcome);
  const lines = [...expected].map(([name, outcome]) => `${outcome.padEnd(8)} ${name}`);
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${HEAD}\n${lines.join("\n")}\n`);
  return FILE;
}
