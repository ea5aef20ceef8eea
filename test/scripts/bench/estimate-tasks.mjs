// A layer of the estimates' check as the task that a network would have for it.
import { opTask } from "../../../dist/driver/decide/op-task.js";
import { registerBudget } from "../../../dist/ops/tiles.js";
import { winograd } from "../../../dist/ops/winograd/algorithm.js";

export function estimateTask({ name, dims }, target) {
  return name.startsWith("winograd") ? winogradTask(dims, target) : opTask("conv2d", dims, target);
}

/** By the one algorithm that is planned for the whole map. */
function winogradTask(dims, target) {
  const limits = { registers: registerBudget(target), numerics: "fast" };
  const ways = winograd.candidates({ ...dims, DH: 1, DW: 1 }, target.isa.lanes, limits);
  const way = ways.find(({ parts, pays }) => pays && parts.length === 1);
  if (way === undefined) throw new Error("Winograd's algorithm is not planned");
  const [{ op, covers, window, sizes }] = way.parts;
  const { N, G, OC, IC, KH, KW, BIAS, LO } = dims;
  const [OH, OW] = covers;
  const map = { OH, OW, IH: OH + window[0] - 1, IW: OW + window[1] - 1 };
  const ends = { BIAS, RES: 0, LO, HI: Number.POSITIVE_INFINITY };
  const { KH: rows, KW: columns, ...own } = sizes({ N, G, OC, IC, KH, KW, ...ends, ...map });
  const task = opTask(op, own, target);
  // what is told of a layer beside its kernel's sizes
  const told = { ROWS: dims.OH, COLUMNS: dims.OW, ...(rows !== undefined && { KH: rows, KW: columns }) };
  return { ...task, dims: { ...task.dims, ...told } };
}
