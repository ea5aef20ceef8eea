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

export type GruSizes = Sizes<"T N H G S REV LATE CLIP FACT FALPHA FBETA GACT GALPHA GBETA">;

/**
 * The steps of a gated recurrent unit (ONNX GRU-22), one direction: `x` are the weighted inputs of the three gates with all
 * biases but `b`, in ONNX's order z, r, h; `r` the weights of what came before in the first two, `v` in the last. With LATE
 * (linear_before_reset) the reset scales the weighted state and `b`, its bias, else the state before it is weighted. REV and
 * CLIP are as in lstm.kernel.ts. x: [T, N, G] with G = 3 * H, h0: [N, H], y: [T, N, H]; S = 2 * H.
 */
export function gru(
  { T, N, H, G, S, REV, LATE, CLIP, FACT, FALPHA, FBETA, GACT, GALPHA, GBETA }: GruSizes,
  x: Input<["T", "N", "G"]>,
  r: Weight<["S", "H"]>,
  v: Weight<["H", "H"]>,
  h0: Input<["N", "H"]>,
  b: Weight<["H"]>,
  y: Output<["T", "N", "H"]>,
): void {
  for (const n of range(N)) {
    const h = stack([H]);
    for (const u of range(H)) {
      h[u] = h0[n][u];
    }
    for (const t of range(T)) {
      const z = stack([G]);
      for (const j of range(S)) {
        let acc = x[REV ? T - 1 - t : t][n][j];
        for (const k of range(H)) {
          acc += h[k] * r[j][k];
        }
        z[j] = acc;
      }
      for (const g of range(S)) {
        z[g] = activate(clip(z[g], -CLIP, CLIP), FACT, FALPHA, FBETA);
      }
      const s = stack([H]);
      for (const u of range(H)) {
        s[u] = LATE ? h[u] : z[H + u] * h[u];
      }
      for (const j of range(H)) {
        let acc = LATE ? b[j] : 0;
        for (const k of range(H)) {
          acc += s[k] * v[j][k];
        }
        z[S + j] = acc;
      }
      for (const u of range(H)) {
        const weighted = LATE ? z[H + u] * z[S + u] : z[S + u];
        z[S + u] = activate(
          clip(x[REV ? T - 1 - t : t][n][S + u] + weighted, -CLIP, CLIP),
          GACT,
          GALPHA,
          GBETA,
        );
        h[u] = z[S + u] + z[u] * (h[u] - z[S + u]);
        y[REV ? T - 1 - t : t][n][u] = h[u];
      }
    }
  }
}
