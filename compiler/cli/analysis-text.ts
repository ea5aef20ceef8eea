import type { Analysis, LayerAnalysis } from "../analyze/analyze-network.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
const thousands = (n: number): string => (n / 1e3).toFixed(1);
const millions = (n: number): string => (n / 1e6).toFixed(2);

/** Layers as a table, then the totals. */
export async function analysisText(analysis: Analysis, colors: Terminal["outColors"]): Promise<string> {
  const { network, target, layers, total } = analysis;
  const bounded = total.bound_ms !== undefined;
  const head = ["layer", "operator", "output", "g", "G", "MMACs", "Kparams", "Kactiv.", "AI", "share"];
  const moved = total.l1_bytes !== undefined;
  const extra = [
    ...(target === undefined ? [] : ["lanes"]),
    ...(moved ? ["KB", "KB to L2", "KB to L1"] : []),
    ...(bounded ? ["bound ms", ""] : []),
  ];
  const row = (l: LayerAnalysis): string[] => [
    l.name,
    l.op,
    l.output.slice(1).join("x"),
    String(l.groups ?? ""),
    String(l.group_size ?? ""),
    l.macs === 0 ? "" : millions(l.macs),
    l.params === 0 ? "" : thousands(l.params),
    thousands(l.activations),
    l.macs === 0 ? "" : l.arithmetic_intensity.toFixed(2),
    l.macs === 0 ? "" : percent(l.share),
    ...(target === undefined ? [] : [l.lanes_used === undefined ? "" : percent(l.lanes_used)]),
    ...(moved ? [l.bytes, l.l2_bytes ?? 0, l.l1_bytes ?? 0].map(thousands) : []),
    ...(bounded ? [(l.bound_ms ?? 0).toFixed(3), l.bound_by ?? ""] : []),
  ];
  const table = await plainTable(
    [...head, ...extra],
    layers.map(row),
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  );
  const lines = [
    table,
    "",
    colors.bold(
      `${network}: ${millions(total.macs)} million MACs, ${millions(total.params)} million parameters, ${millions(total.activations)} million activations, arithmetic intensity ${total.arithmetic_intensity.toFixed(2)}`,
    ),
    `layer by layer at least ${(total.bytes / 1e6).toFixed(2)} MB move; parameters are weights of convolutions and fully connected layers, without bias and batch norm`,
  ];
  if (moved) {
    lines.push(
      `with the schedules chosen, modelled: ${((total.l2_bytes ?? 0) / 1e6).toFixed(2)} MB go from memory to the L2 cache, ${((total.l1_bytes ?? 0) / 1e6).toFixed(2)} MB to the L1 cache`,
    );
  }
  if (target !== undefined && total.lanes_used !== undefined) {
    lines.push(
      `on ${target}: ${percent(total.lanes_used)} of the lanes used${bounded ? `; layer by layer one core cannot be faster with sums of f32 products than ${(total.bound_ms ?? 0).toFixed(2)} ms (modelled roofline)` : "; no roofline, as its clock and memory are not known"}`,
    );
  }
  return lines.join("\n");
}
