import type { PadOp } from "../../graph/graph.ts";
import type { ImportState } from "./import-state.ts";
import type { PaddedValue, TensorValue } from "./value.ts";

/** A padded tensor as a node of its own, for a reader that does not take the padding over; emitted once. */
export function materialized(state: ImportState, { name, node, shape, of, pads }: PaddedValue): TensorValue {
  const value = { kind: "tensor", name, shape } as const;
  if (state.producers.has(name)) return value;
  const [top, left, bottom, right] = pads;
  const axes = [
    { axis: 2, before: top, after: bottom },
    { axis: 3, before: left, after: right },
  ];
  const op: PadOp = { kind: "pad", axes: axes.filter((a) => a.before + a.after > 0), value: 0 };
  const emitted = { name: node, op, inputs: [of.name], output: name };
  state.nodes.push(emitted);
  state.producers.set(name, emitted);
  state.tensors.set(name, { name, shape });
  // padded are H and W, which are not selected
  const rows = state.rows.get(of.name);
  if (rows !== undefined) state.rows.set(name, rows);
  return value;
}
