import { geometricMean } from "../bench/numbers.mjs";

export function heading() {
  return `${"network".padEnd(34)} nodes steps   error  compile s  ours ms  ORT ms  ORT/ours  weights/model  memory`;
}

export function lineOf(row) {
  const name = row.name.padEnd(34);
  if (row.error === undefined) return `${name} ${row.outcome}: ${row.why}`;
  const times = [row.ours, row.theirs, row.ratio].map((x, i) =>
    cell(x?.toFixed(i === 2 ? 2 : 1), i === 0 ? 8 : 7),
  );
  const share = cell((row.weights / row.model).toFixed(2), 14);
  const memory = cell(row.memory.toFixed(2), 7);
  return `${name} ${cell(row.nodes, 5)} ${cell(row.steps, 5)} ${cell(row.error.toExponential(0), 7)} ${cell(row.seconds.toFixed(1), 10)} ${times.join(" ")}   ${share} ${memory}${row.outcome === "right" ? "" : `  ${row.outcome}`}`;
}

export function summary(rows) {
  const right = rows.filter(({ outcome }) => outcome === "right");
  const ratios = right.flatMap(({ ratio }) => (ratio === undefined ? [] : [ratio]));
  const slower = right
    .filter(({ ratio }) => ratio < 1)
    .map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`);
  const times =
    ratios.length === 0
      ? ""
      : `; ONNX Runtime's time by ours: ${geometricMean(ratios).toFixed(2)} in the mean, below 1: ${slower.join(", ") || "none"}`;
  const most = Math.max(0, ...right.map(({ memory }) => memory));
  return `\n${right.length} of ${rows.length} right${times}; activations take at most ${most.toFixed(2)} times what is alive at once`;
}

const cell = (value, width) => String(value ?? "-").padStart(width);
