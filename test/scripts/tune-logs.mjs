// Logs of tunes that were disturbed, beside one that was not.
import { readFileSync } from "node:fs";

const textOf = (log) => {
  try {
    return readFileSync(log, "utf8");
  } catch {
    return "";
  }
};

/** Those that are whole. */
export const linesOf = (log) => textOf(log).split("\n").slice(0, -1);

/** A kernel whose equal one was measured before a kill is measured itself: what is found is the same. */
export const foundIn = (lines) =>
  new Set(lines.map((line) => JSON.stringify({ ...JSON.parse(line), same_as: undefined })));

const keyOf = ({ kind, workload, contest, kernel, reference, stage }) =>
  [kind, workload, contest, kernel, reference, stage].join(" ");

/** How a log differs from what is expected of it; undefined where it does not. */
export function difference(log, expected) {
  const lines = linesOf(log);
  const twice = lines.length - new Set(lines.map((line) => keyOf(JSON.parse(line)))).size;
  const found = foundIn(lines);
  const odd = [...found].filter((line) => !expected.has(line));
  if (twice === 0 && found.size === expected.size && odd.length === 0) return undefined;
  return [
    `${twice} measured twice, ${lines.length} lines, ${expected.size} expected`,
    ...odd.map((line) => `  ${line}`),
  ].join("\n");
}
