import type { PortType } from "../ir/port-type.ts";
import { mergedAround } from "./along-axes.ts";
import { elementCount } from "./extents.ts";
import type { Tensor } from "./graph.ts";

/** What an output with rows holds where they are not used. */
export function unusedRow({ type }: Pick<Tensor, "type">): number {
  return type === undefined || type === "f64" ? Number.NaN : -1;
}

/** An output as others have it, with as many rows as there are, in the shape that ours has; as it is where it has no such rows, or more. */
export function withUnusedRows(
  output: Pick<Tensor, "shape" | "type" | "rows">,
  dims: readonly number[],
  data: Float32Array,
): Float32Array {
  const { shape, rows } = output;
  if (rows === undefined || dims.length !== shape.length || dims[rows] > shape[rows]) return data;
  if (dims.some((d, axis) => axis !== rows && d !== shape[axis])) return data;
  const [outer, most, inner] = mergedAround(shape, rows);
  const run = dims[rows] * inner;
  const filled = new Float32Array(elementCount(shape)).fill(unusedRow(output));
  for (let i = 0; i < outer; i++) filled.set(data.subarray(i * run, (i + 1) * run), i * most * inner);
  return filled;
}

/** Said of an output with such rows. */
export function rowsText(port: {
  readonly shape: readonly number[];
  readonly rows?: number | undefined;
  readonly dtype?: PortType | undefined;
}): string {
  const { shape, rows, dtype } = port;
  if (rows === undefined) return "";
  const what = rows === 0 ? "rows" : `along axis ${rows}`;
  return `, up to ${shape[rows]} ${what}, unused ones ${dtype === undefined || dtype === "f64" ? "NaN" : "-1"}`;
}
