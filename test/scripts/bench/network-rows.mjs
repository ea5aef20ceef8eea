import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What an earlier run found. */
export function readRows(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A network on each line. */
export function writeRows(file, rows) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
}
