import { transposeData } from "./transpose-data.ts";
import { isInBlocks, type View } from "./view.ts";

/** Dimensions of a matrix view and their order in memory. */
interface Ordered {
  readonly shape: readonly number[];
  readonly order: readonly number[];
}

/** The elements of a tensor, row-major in the dimensions of the view: `data` is as it lies in memory. */
export function asSeen({ shape, order }: Ordered, data: Float32Array): Float32Array {
  if (isNatural(order)) return data;
  const stored = order.map((d) => shape[d]);
  return transposeData(
    data,
    stored,
    shape.map((_, d) => order.indexOf(d)),
  );
}

/** What a kernel sees of a tensor by a view, row-major. */
export function seenBy(view: View, data: Float32Array): Float32Array {
  if (view.form === "weights") return weightsSeen(view, data);
  const ordered = orderedView(view);
  return ordered === undefined ? data : asSeen(ordered, data);
}

/** Weights [G, OC, IC, KH, KW] of what lies as view.ts says. */
function weightsSeen(
  { shape: [groups, oc, ...taps], block }: Extract<View, { form: "weights" }>,
  data: Float32Array,
): Float32Array {
  return isInBlocks(oc, block)
    ? transposeData(data, [oc / block, ...taps, block], [0, 4, 1, 2, 3])
    : transposeData(data, [...taps, groups, oc], [3, 4, 0, 1, 2]);
}

/** As they lie in memory; `data` is row-major in the dimensions of the view. */
export function asStored({ shape, order }: Ordered, data: Float32Array): Float32Array {
  return isNatural(order) ? data : transposeData(data, shape, order);
}

/** The order of a view's dimensions, where it has one of its own. */
export function orderedView(view: View): Ordered | undefined {
  return view.form === "matrix" && view.order !== undefined
    ? { shape: view.shape, order: view.order }
    : undefined;
}

function isNatural(order: readonly number[]): boolean {
  return order.every((d, i) => d === i);
}
