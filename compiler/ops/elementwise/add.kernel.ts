import { type Input, type Output, range, type Sizes } from "../../language/kernel.ts";
import { type Ending, ending } from "../epilogue/epilogue.kernel.ts";

/** Sum of two tensors of one shape, then an activation, then clamped (ONNX Add-14, then Relu, Clip or another). a, b, y: [N, C, H, W]. */
export function add(
  { N, C, H, W, ...EPILOGUE }: Sizes<"N C H W"> & Ending,
  a: Input<["N", "C", "H", "W"]>,
  b: Input<["N", "C", "H", "W"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          const sum = a[n][c][h][w] + b[n][c][h][w];
          y[n][c][h][w] = ending(sum, 0, 0, EPILOGUE);
        }
      }
    }
  }
}
