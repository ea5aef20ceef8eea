// What runs of one search over all tables come to.

/** Trials after which the best is looked at. */
export const AFTER = [1, 4, 8, 16, 32, 64];

export function figuresOf(runs) {
  const to = (part) => runs.map(({ to: found }) => found[part]).sort((a, b) => a - b);
  const of = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  const mean = (logs) => Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length);
  return {
    runs: runs.length,
    within5: { median: of(to("5"), 0.5), p90: of(to("5"), 0.9), mean: meanOf(to("5")) },
    within2: { median: of(to("2"), 0.5), p90: of(to("2"), 0.9), mean: meanOf(to("2")) },
    after: Object.fromEntries(
      AFTER.map((count, i) => [count, mean(runs.map(({ after }) => Math.log(after[i])))]),
    ),
  };
}

function meanOf(list) {
  return list.reduce((a, b) => a + b, 0) / list.length;
}

const trials = (n) => (Number.isFinite(n) ? String(Math.round(n * 10) / 10) : "never");

/** A table for people: a row for each search. */
export function figureLines(all) {
  const head = [
    "search",
    "to 5 %",
    "p90",
    "mean",
    "to 2 %",
    "p90",
    "mean",
    ...AFTER.map((n) => `after ${n}`),
  ];
  const rows = Object.entries(all).map(([name, { within5, within2, after }]) => [
    name,
    ...[within5, within2].flatMap(({ median, p90, mean }) => [median, p90, mean].map(trials)),
    ...AFTER.map((n) => (Number.isFinite(after[n]) ? `${(100 * (after[n] - 1)).toFixed(1)} %` : "far")),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return [line(head), ...rows.map(line)];
}
