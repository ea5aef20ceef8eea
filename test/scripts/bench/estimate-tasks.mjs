// A layer of the estimates' check as the task that a network would have for it.
import { opTask } from "../../../dist/driver/decide/op-task.js";
import { registerBudget } from "../../../dist/ops/tiles.js";
import { winogradCandidates } from "../../../dist/ops/winograd/winograd-blocks.js";

export function estimateTask({ name, dims }, target) {
  return name.startsWith("winograd") ? winogradTask(dims, target) : opTask("conv2d", dims, target);
}

/** By the one algorithm that is planned for the whole map. */
function winogradTask(dims, target) {
  const plans = winogradCandidates({ ...dims, DH: 1, DW: 1 }, target.isa.lanes, registerBudget(target));
  const plan = plans.find(({ parts, pays }) => pays && parts.length === 1);
  if (plan === undefined) throw new Error("Winograd's algorithm is not planned");
  const [{ winograd, blocks }] = plan.parts;
  const { N, G, OC, IC, BIAS, LO } = dims;
  const [OH, OW] = [winograd.tile * blocks.RB * blocks.TR, winograd.tile * blocks.CB * blocks.TC];
  const sizes = { N, G, OC, IC, ...blocks, OH, OW, IH: OH + 2, IW: OW + 2 };
  const ends = { BIAS, RES: 0, LO, HI: Number.POSITIVE_INFINITY };
  const task = opTask(winograd.op, { ...sizes, ...ends }, target);
  return { ...task, dims: { ...task.dims, ROWS: dims.OH, COLUMNS: dims.OW } };
}
