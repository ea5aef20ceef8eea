import {
  clip,
  type Input,
  type Output,
  range,
  type Sizes,
  stack,
  type Weight,
} from "../../language/kernel.ts";
import { activate } from "../activation/activate.kernel.ts";

/**
 * The steps of a simple recurrent layer (ONNX RNN-22), one direction: `x` are the weighted inputs with all biases, `r` the
 * weights of what came before. REV and CLIP are as in lstm.kernel.ts. x: [T, N, H], h0: [N, H], y: [T, N, H].
 */
export function rnn(
  { T, N, H, REV, CLIP, FACT, FALPHA, FBETA }: Sizes<"T N H REV CLIP FACT FALPHA FBETA">,
  x: Input<["T", "N", "H"]>,
  r: Weight<["H", "H"]>,
  h0: Input<["N", "H"]>,
  y: Output<["T", "N", "H"]>,
): void {
  for (const n of range(N)) {
    const h = stack([H]);
    for (const u of range(H)) {
      h[u] = h0[n][u];
    }
    for (const t of range(T)) {
      const z = stack([H]);
      for (const j of range(H)) {
        let acc = x[REV ? T - 1 - t : t][n][j];
        for (const k of range(H)) {
          acc += h[k] * r[j][k];
        }
        z[j] = acc;
      }
      for (const u of range(H)) {
        h[u] = activate(clip(z[u], -CLIP, CLIP), FACT, FALPHA, FBETA);
        y[REV ? T - 1 - t : t][n][u] = h[u];
      }
    }
  }
}
