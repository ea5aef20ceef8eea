import type { Graph } from "../graph/graph.ts";
import { type InputValues, loadOptionsOf } from "./reading-options.ts";
import type { Terminal } from "./terminal.ts";

/** Options of the commands that take a network with a grouping. */
export const GROUPS = {
  type: "number",
  describe: "number of groups of the grouped layers (an ONNX file: as `regroup` does)",
} as const;
export const GROUP_SIZE = {
  type: "number",
  describe: "channels of each group instead; 1 is depthwise",
} as const;
export const CSV_OUTPUT = {
  type: "boolean",
  default: false,
  describe: "print CSV on standard output",
} as const;

interface GroupedValues extends InputValues {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly g?: number | undefined;
  readonly G?: number | undefined;
}

/** The network of MODEL with --g or --G: of the zoo as published for them, else regrouped, which is said. Throws F codes. */
export async function readGrouped(
  { words, g, G, ...inputs }: GroupedValues,
  terminal: Terminal,
  { shapesOnly }: { readonly shapesOnly: boolean },
): Promise<Graph> {
  const { loadModel } = await import("../frontend/load-model.ts");
  const model = words.MODEL ?? "";
  const options = await loadOptionsOf(inputs);
  const grouping = { ...(g !== undefined && { g }), ...(G !== undefined && { G }) };
  if (model.startsWith("zoo:")) return loadModel(model, { ...options, zoo: { ...grouping, shapesOnly } });
  const graph = await loadModel(model, options);
  if (g === undefined && G === undefined) return graph;
  const { regroup } = await import("../analyze/regroup.ts");
  const { graph: grouped, changes } = regroup(graph, grouping);
  terminal.note(`${changes.length} layers regrouped as by \`tilewright regroup\``);
  return grouped;
}
