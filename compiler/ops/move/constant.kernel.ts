import { type Output, range, type Sizes, type Weight } from "../../language/kernel.ts";

/** Known numbers written where activations lie, for an operator that takes them beside others (ONNX Concat-13). w, y: [L]. */
export function constant({ L }: Sizes<"L">, w: Weight<["L"]>, y: Output<["L"]>): void {
  for (const l of range(L)) {
    y[l] = w[l];
  }
}
