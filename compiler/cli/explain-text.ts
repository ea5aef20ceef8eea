import type { Explanation } from "../driver/decide/explain.ts";
import { plainTable } from "./tables.ts";

/** The explanation for a person: loops in a table, then the figures, each said to be counted or modelled. */
export async function explainText(e: Explanation): Promise<string> {
  const { costs, caches } = e;
  const rows = costs.loops.map(({ axis, mode, depth, extent, entered, bytes, buffers }) => [
    `${"  ".repeat(depth)}${axis}`,
    mode === "serial" ? "" : mode,
    String(extent),
    count(entered),
    size(bytes),
    bytes <= caches.l1Bytes ? "L1" : bytes <= caches.l2Bytes ? "L2" : "memory",
    Object.entries(buffers)
      .map(([buffer, b]) => `${buffer} ${size(b)}`)
      .join(", "),
  ]);
  return [
    `${e.title} for ${e.target} (${e.core}, ${e.lanes} lanes)`,
    `schedule ${e.schedule}: ${e.choice}`,
    "",
    await plainTable(["loop", "", "trips", "entered", "touches", "fits", "of which"], rows, [2, 3, 4]),
    "",
    ...figures(e).map(([label, text]) => `${label.padEnd(12)}${text}`),
  ].join("\n");
}

function figures(e: Explanation): readonly (readonly [string, string])[] {
  const { costs, operations: ops, registers } = e;
  const tiles = e.tiles.map((t) => `${t.buffer} [${t.shape.join(", ")}] in ${t.registers}`).join(", ");
  const loads = ops.loads + ops.halfLoads + ops.broadcasts;
  const vectors = ops.fma + ops.arithmetic + loads + ops.stores;
  const part = (n: number, what: string): string =>
    `${percent(n / Math.max(1, vectors + ops.scalar))} ${what}`;
  return [
    ["work", `${count(costs.macs)} multiply-accumulates, ${count(costs.otherOps)} other operations`],
    ["memory", `${size(costs.bytes)} touched once; ${costs.intensity.toFixed(1)} operations a byte`],
    ["lanes", `${percent(costs.vectorized)} of the operations in full vectors of ${e.lanes}`],
    [
      "registers",
      `${registers.alive} of ${registers.available} alive at most (estimate)${tiles === "" ? "" : `; ${tiles}`}`,
    ],
    [
      "operations",
      `${count(vectors)} on vectors, ${count(ops.scalar)} on single floats: ${part(ops.fma, "multiply-add")}, ${part(loads, "loads")}, ${part(ops.stores, "stores")}`,
    ],
    ...(e.knobs.length === 0 ? [] : [["knobs", e.knobs.map(knobText).join("; ")] as const]),
    ...e.lostThreads.map(
      ({ axis, why }) => ["warning", `no threads share the parallel loop \`${axis}\`: ${why}`] as const,
    ),
    ["bound", boundText(e)],
    ["inner loop", innerText(e)],
  ];
}

function knobText({ name, options }: Explanation["knobs"][number]): string {
  return `${name}: ${options.join(", ")}`;
}

function boundText({ bound }: Explanation): string {
  const { computeCycles, computeMs, memoryMs, by } = bound;
  if (computeMs === undefined || memoryMs === undefined) {
    return `${count(computeCycles)} cycles of arithmetic on one core (modelled; the target gives no clock or memory)`;
  }
  return `${by}-bound: ${computeMs.toFixed(3)} ms of arithmetic (${count(computeCycles)} cycles), ${memoryMs.toFixed(3)} ms of memory (modelled: one core, data sheet figures)`;
}

function innerText({ inner }: Explanation): string {
  if (inner.kind === "absent") return `${inner.why}${inner.help === undefined ? "" : ` (${inner.help})`}`;
  const { cycles, instructions, vectorArithmetic, busiest, cpu, version, note } = inner;
  const rate =
    vectorArithmetic === 0 ? "" : `, ${(vectorArithmetic / cycles).toFixed(2)} vector operations a cycle`;
  const model = `modelled by llvm-mca ${version} for ${cpu}, data in L1${note === undefined ? "" : `; ${note}`}`;
  return `${instructions} instructions, ${vectorArithmetic} of vector arithmetic, in ${cycles.toFixed(1)} cycles${rate}; busiest ${busiest.unit} ${busiest.cycles.toFixed(1)} cycles (${model})`;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

function count(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(2)} G`;
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)} M`;
  return n >= 1e4 ? `${(n / 1e3).toFixed(1)} k` : String(Math.round(n));
}

function size(bytes: number): string {
  if (bytes >= 2 ** 20) return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  return bytes >= 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${bytes} B`;
}
