// What is printed of one network.

export const millions = (n, digits = 1) => (n / 1e6).toFixed(digits);
const percent = (part) => `${(100 * part).toFixed(0)} %`;
const millis = (us) => `${(us / 1000).toFixed(2)} ms`;

/** Modelled cycles of each core beside the best peer's, and the layers that lose the most. */
export function modelLines({ name, macs, cores }, count) {
  return Object.values(cores).flatMap((report) => {
    const { core, whole, peer, ratio, peak } = report;
    const theirs =
      peer === undefined
        ? "no peer's"
        : `${peer.peer} ${millions(peer.cycles)}: ours are ${ratio.toFixed(3)}x`;
    const rate = macs / whole.cycles;
    return [
      `${name}, ${core}, modelled: ${millions(whole.cycles)} M cycles (${theirs})${timeText(report)}; ${millions(macs)} M MACs, ${rate.toFixed(2)} a cycle of ${peak}; ${millions(whole.instructions)} M instructions`,
      ...layerTable(report, count),
    ];
  });
}

/** Of a core alone no clock is known. */
function timeText({ ms, msWithin, clockMHz }) {
  if (ms === undefined) return "";
  return `, ${ms.toFixed(1)} ms${msWithin === undefined ? "" : ` (±${percent(msWithin)})`} at ${clockMHz} MHz`;
}

function layerTable({ layers, whole }, count) {
  if (count < 1) return [];
  const worst = [...layers].sort((a, b) => b.lost - a.lost).slice(0, count);
  const rows = worst.map((layer) => [
    ...[layer.lost, layer.cycles].map((n) => millions(n, 2)),
    layer.macsPerCycle.toFixed(2),
    percent(layer.ofPeak),
    ...[layer.l1Misses, layer.l2Misses].map((n) => (n / 1e3).toFixed(1)),
    ...[layer.l2Stalls, layer.memoryStalls].map((n) => millions(n, 2)),
    `${layer.name}  ${layer.op} ${layer.schedule}: ${layer.choice}`,
  ]);
  const head = [
    "lost M",
    "cycles M",
    "MAC/cyc",
    "of peak",
    "L1 k",
    "L2 k",
    "wait L2 M",
    "wait mem M",
    "layer",
  ];
  const lost = layers.reduce((sum, layer) => sum + layer.lost, 0);
  const shown = worst.reduce((sum, layer) => sum + layer.lost, 0);
  return [
    ...[head, ...rows].map(
      (row) => `  ${row.map((cell, i) => (i < 8 ? cell.padStart(10) : cell)).join(" ")}`,
    ),
    `  these ${worst.length} of ${layers.length} layers lose ${millions(shown)} of ${millions(lost)} M cycles; waits of all: ${millions(whole.l2Stalls)} M for L2, ${millions(whole.memoryStalls)} M for memory`,
  ];
}

/** Executed instructions beside the peers'. */
export function countLines({ name, macs, instructions, counted_on, peers }) {
  return [
    `${name}, ${counted_on}: ${millions(instructions)} M instructions executed, ${(instructions / macs).toFixed(3)} per MAC (${millions(macs)} M)`,
    ...Object.entries(peers).map(
      ([peer, n]) =>
        `  ${peer.padEnd(12)} ${millions(n).padStart(9)} M, ${(n / instructions).toFixed(2)}x ours`,
    ),
  ];
}

/** Times here. */
export function hostLines({ name, ...times }) {
  const theirs =
    times.host_ratio === undefined
      ? ""
      : `, ONNX Runtime ${millis(times.onnxruntime_us)}: ${times.host_ratio.toFixed(2)}x ours; error ${times.max_rel_error.toExponential(0)}`;
  return [
    `${name}: host ${millis(times.host_us)}${theirs}`,
    `  2 threads    ${millis(times.host_2_threads_us)}, ${times.threads_ratio.toFixed(2)}x as fast as one`,
  ];
}

export function hostSummary(rows) {
  const timed = rows.filter((row) => row.host_ratio !== undefined);
  if (timed.length === 0) return [];
  const slower = timed.filter((row) => row.host_ratio < 1).map((row) => row.name);
  return [`host: slower than ONNX Runtime: ${slower.join(", ") || "none"} (of ${timed.length})`];
}
