import type { NodeContext } from "./node-context.ts";
import type { TensorValue } from "./value.ts";

// What handlers do with tensors whose rows the network selects (rows.ts).

/** Refuses an input along whose axis (any, if none is given) the network selects rows. */
export function refuseRows(node: NodeContext, i: number, what: string, axis?: number): void {
  const rows = node.state.rows.get(node.inputName(i));
  if (rows === undefined || (axis !== undefined && rows.axis !== axis)) return;
  node.unsupported(`${what} of rows that the network selects: how many is not known before it runs`);
}

/** The same tensor, all of whose rows count from now on. */
export function withAllRows(node: NodeContext, x: TensorValue): TensorValue {
  const all = node.emitHelper("all", { kind: "reshape" }, [x.name], x.shape, x.whole);
  node.state.rows.delete(all.name);
  return all;
}
