// What bench-kernels.mjs prints: a line for each layer, and what they come to together.
import { geometricMean } from "./numbers.mjs";

const PEERS = ["onnxruntime", "xnnpack", "ncnn_packed", "pytorch", "tvm_gspc_tuned"];

const millions = (n) => (n === undefined ? "-" : (n / 1e6).toFixed(2)).padStart(8);
const times = (x, width) => (x === undefined ? "-" : x.toFixed(2)).padStart(width);
const micros = (us) => (us === undefined ? "-" : us.toFixed(us < 100 ? 1 : 0)).padStart(8);

/** Percent of the multiply-accumulates a core could do in these cycles. */
const peak = (macs, core, cycles) => ((100 * macs) / (cycles * 4 * core.fmaPerCycle)).toFixed(0);

/** Fewest instructions of any peer; undefined for a layer no peer was measured on. */
export function bestPeer({ peers }) {
  const counts = Object.values(peers);
  return counts.length === 0 ? undefined : Math.min(...counts);
}

const against = (theirs, ours) => (theirs === undefined ? undefined : theirs / ours);

export function tableHead(cores) {
  return [
    "layer".padEnd(22),
    "MACs/M".padStart(8),
    "ours/M".padStart(8),
    "per MAC",
    ...PEERS.map((c) => c.slice(0, 8).padStart(8)),
    "our GSPC",
    "ORT/ours",
    "best/ours",
    ...cores.map(({ name }) => `${name.replace("cortex-", "")} M/%`.padStart(10)),
    "host us",
    "ORT us".padStart(8),
    "ORT/host",
    "error".padStart(7),
    "schedule",
  ].join("  ");
}

export function tableLine(row, cores) {
  const { peers, macs, instructions, modelled_cycles } = row;
  return [
    row.name.padEnd(22),
    millions(macs),
    millions(instructions),
    row.per_mac.toFixed(3).padStart(7),
    ...PEERS.map((c) => millions(peers[c])),
    millions(row.gspc_instructions),
    times(against(peers.onnxruntime, instructions), 8),
    times(against(bestPeer(row), instructions), 9),
    ...cores.map((core) => {
      const cycles = modelled_cycles[core.name];
      return `${(cycles / 1e6).toFixed(2)} ${peak(macs, core, cycles).padStart(2)}%`.padStart(10);
    }),
    micros(row.host_us).slice(1),
    micros(row.onnxruntime_us),
    times(row.host_ratio, 8),
    (row.max_abs_error?.toExponential(0) ?? "-").padStart(7),
    `${row.schedule}: ${row.choice}`,
  ].join("  ");
}

/** Lines below the table; those without any layer to speak of are left out. */
export function summary(rows) {
  const known = rows.filter((row) => bestPeer(row) !== undefined);
  const grouped = known.filter(({ groups }) => groups > 1);
  const small = grouped.filter(({ group_size }) => group_size === 2 || group_size === 4);
  const ort = (row) => row.peers.onnxruntime / row.instructions;
  const best = (row) => bestPeer(row) / row.instructions;
  const withOrt = known.filter(({ peers }) => peers.onnxruntime !== undefined);
  const atLeast = (ratio, of = known) => `${of.filter((row) => ratio(row) >= 1).length} of ${of.length}`;
  return [
    fewer(
      `${atLeast(ort, withOrt)} layers need at most ONNX Runtime's instructions; fewer by (geometric mean)`,
      withOrt,
      ort,
    ),
    fewer(
      `${atLeast(best)} layers need at most the best peer's; grouped layers: fewer than the best peer of each by`,
      grouped,
      best,
    ),
    aboveText(known),
    fewer("groups of 2 and 4 channels: fewer than the best peer by", small, best),
    ...["tuned", "default"].map((kind) =>
      fewer(
        `grouped layers: fewer than TVM's GSPC, ${kind === "tuned" ? kind : "untuned"}, by`,
        grouped.filter(({ peers }) => peers[`tvm_gspc_${kind}`] !== undefined),
        ({ peers, instructions }) => peers[`tvm_gspc_${kind}`] / instructions,
      ),
    ),
    fewer(
      "grouped layers: fewer than our own GSPC schedule, by",
      rows.filter(({ groups }) => groups > 1),
      (row) => row.gspc_instructions / row.instructions,
    ),
    ...hostSummary(rows),
  ].filter((line) => line !== undefined);
}

/** Whose instructions are beyond the best peer's by more than so much. */
const ABOVE = 1.02;

function aboveText(rows) {
  if (rows.length === 0) return undefined;
  const above = rows
    .map((row) => ({ name: row.name, times: row.instructions / bestPeer(row) }))
    .filter(({ times }) => times > ABOVE)
    .sort((a, b) => b.times - a.times);
  const list = above.map(({ name, times }) => `${name} ${times.toFixed(3)}x`).join(", ");
  return `${above.length} of ${rows.length} layers need more than ${ABOVE} times the best peer's instructions${list && `: ${list}`}`;
}

function fewer(text, rows, ratio) {
  return rows.length === 0 ? undefined : `${text} ${geometricMean(rows.map(ratio)).toFixed(2)}x`;
}

function hostSummary(rows) {
  const timed = rows.filter((row) => row.host_ratio !== undefined);
  if (timed.length === 0) return [];
  const grouped = timed.filter(({ groups }) => groups > 1);
  const [worst] = [...timed].sort((a, b) => a.host_ratio - b.host_ratio);
  const slower = timed.filter((row) => row.host_ratio < 0.9).map((row) => row.name);
  const wrong = [...timed].sort((a, b) => b.max_rel_error - a.max_rel_error)[0];
  return [
    fewer("host, one thread, grouped layers: faster than ONNX Runtime by", grouped, (row) => row.host_ratio),
    `host: the worst layer is ${worst.name}, ${worst.host_ratio.toFixed(2)}x; below 0.90x: ${slower.join(", ") || "none"}`,
    `largest error against ONNX Runtime: ${wrong.name}, ${wrong.max_rel_error.toExponential(1)} of its largest value`,
  ];
}
