import type { NodeContext } from "./node-context.ts";
import type { TensorValue } from "./value.ts";

// Where whole numbers are lost they are NaN. Floats may be NaN for other reasons: what leaves whole numbers for floats, or chooses
// elements, is checked, and a run in which one was lost ends with an error.

/** Makes a run fail where an element of x is NaN. */
export function emitCheck(node: NodeContext, x: TensorValue): void {
  const { checked } = node.state;
  if (checked.has(x.name)) return;
  checked.add(x.name);
  const rows = node.state.rows.get(x.name);
  if (rows === undefined) node.emitHelper("check", { kind: "check" }, [x.name], [1]);
  else node.emitHelper("check", { kind: "check", axis: rows.axis }, [x.name, rows.used], [1]);
}

/** Once a node has been imported: whether whole numbers that it makes floats of are there. */
export function checkFloats(node: NodeContext): void {
  const { values } = node.state;
  const float = node.outputNames.some((name) => {
    const value = values.get(name);
    return value?.kind === "tensor" && value.whole === undefined;
  });
  if (!float) return;
  for (let i = 0; i < node.inputCount; i++) {
    const value = values.get(node.inputName(i));
    if (value?.kind === "tensor" && value.whole?.unsure) emitCheck(node, value);
  }
}
