import type { ImportState } from "./import-state.ts";
import type { NodeContext } from "./node-context.ts";
import { isKnown, type Rows, type TensorValue, type Value } from "./value.ts";

// What handlers do with tensors whose rows the network selects (rows.ts).

/** The rows of what a name stands for. */
export function rowsOf({ rows }: Pick<ImportState, "rows">, value: Value | undefined): Rows | undefined {
  return value && rows.get(value.kind === "padded" ? value.of.name : value.name);
}

/** Refuses an input along whose axis (any, if none is given) the network selects rows. */
export function refuseRows(node: NodeContext, i: number, what: string, axis?: number): void {
  const rows = rowsOf(node.state, node.state.values.get(node.inputName(i)));
  if (rows === undefined || (axis !== undefined && rows.axis !== axis)) return;
  node.unsupported(`${what} of rows that the network selects: how many is not known before it runs`);
}

/** Once a node has been imported: what is known of a tensor whose rows are selected, its shape, is so only if all are used. */
export function checkKnown(node: NodeContext): void {
  const { values } = node.state;
  if (!node.outputNames.some((name) => isKnown(values.get(name)))) return;
  for (let i = 0; i < node.inputCount; i++) {
    if (rowsOf(node.state, values.get(node.inputName(i))) !== undefined)
      node.unsupported("the shape of rows that the network selects: how many is not known before it runs");
  }
}

/** The same tensor, all of whose rows count from now on. */
export function withAllRows(node: NodeContext, x: TensorValue): TensorValue {
  const all = node.emitHelper("all", { kind: "reshape" }, [x.name], x.shape, x.whole);
  node.state.rows.delete(all.name);
  return all;
}
