import { existsSync } from "node:fs";
import { type Advice, advise, MACS_ABOVE } from "../../analyze/advise.ts";
import { type LayerModel, layerModel } from "../../analyze/layer-model.ts";
import { regroup, regroupable } from "../../analyze/regroup.ts";
import { roofsOf } from "../../analyze/roofline.ts";
import { readSweepLog } from "../../analyze/sweep-log.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { sweepLogFile } from "./run-sweep.ts";
import { boundSetting } from "./sweep-setting.ts";

/** What group sizes are proposed for. */
export interface AdviceRequest {
  /** MODEL as it was given to `tilewright sweep`. */
  readonly model: string;
  /** The board that a sweep measured, or a target to model. */
  readonly board: string;
  readonly target: Target;
  /** MACs the network shall have; absent: as many as it has. */
  readonly macs?: number;
  /** Log of the sweep; absent: where `tilewright sweep` keeps it. */
  readonly log?: string;
}

/** Group sizes of each layer, and what they were taken from. */
export interface GroupAdvice {
  readonly advice: Advice;
  readonly model: LayerModel;
  /** The log, or "roofline". */
  readonly source: string;
}

/** Proposes a group size for each layer of a network. Throws C402 where none fit, C403 where nothing is known of the board. */
export async function adviseGroups(graph: Graph, request: AdviceRequest): Promise<GroupAdvice> {
  const { macs, target } = request;
  const { model, source } = await modelOf(graph, request);
  const advice = advise(graph, target.isa.lanes, model, macs);
  if (advice !== undefined) return { advice, model, source };
  throw new UserError({
    code: "C402",
    exit: "usage",
    title: `no group sizes give \`${graph.name}\` ${macs === undefined ? "its" : macs / 1e6} million MACs`,
    why: `layers that can be regrouped allow no sum up to ${100 * MACS_ABOVE} % above it`,
    help: [`\`tilewright analyze ${request.model} --G 1\` shows the least there can be`],
  });
}

/** What the sweep's log teaches; without one, or too little in it, the target's roofline. */
async function modelOf(
  graph: Graph,
  { model: spec, board, target, log }: AdviceRequest,
): Promise<Pick<GroupAdvice, "model" | "source">> {
  const file = log ?? sweepLogFile(spec, board);
  if (log !== undefined || existsSync(file)) {
    const lines = await readSweepLog(file);
    const records = lines.flatMap((line) => (line.kind === "setting" && line.board === board ? [line] : []));
    // An alias may have been another machine's before.
    const last = records.at(-1);
    const model = layerModel(
      records.filter((record) => record.cost_kind === last?.cost_kind && record.machine === last?.machine),
    );
    if (model !== undefined) return { model, source: file };
  }
  const model = rooflineModel(graph, target);
  if (model !== undefined) return { model, source: "roofline" };
  throw new UserError({
    code: "C403",
    exit: "usage",
    title: `nothing is known of what layers cost on \`${board}\``,
    why: `\`${file}\` has no measurements of it, and its target has no roofline`,
    help: [`measure first: \`tilewright sweep ${spec} --G 1,2,4,8,16 --board ${board}\``],
  });
}

/** A model from the target's roofline bounds at a few group sizes. */
function rooflineModel(graph: Graph, target: Target): LayerModel | undefined {
  if (roofsOf(target) === undefined) return undefined;
  const variable = new Set(regroupable(graph).map(({ name }) => name));
  const records = [1, 2, 4, 8, 16, 32].map((G) =>
    boundSetting({ graph: regroup(graph, { G }).graph, model: "", setting: { G }, variable }, target),
  );
  return layerModel(records);
}
