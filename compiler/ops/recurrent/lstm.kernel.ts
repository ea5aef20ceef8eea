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

export type LstmSizes =
  Sizes<"T STATES N H G REV PEEP FORGET CLIP FACT FALPHA FBETA GACT GALPHA GBETA HACT HALPHA HBETA">;

/**
 * The steps of a long short-term memory (ONNX LSTM-22), one direction: `x` are the weighted inputs of the four gates with all
 * biases, in ONNX's order i, o, f, c; `r` the weights of what came before, `w` those of peepholes i, o, f where PEEP is 1. With
 * REV the sequence is read from its end. With FORGET what is forgotten is what is not taken in. CLIP bounds what activations are
 * given. x: [T, N, G] with G = 4 * H, h0, c0: [N, H], y: the states h of all steps, then the last c, [STATES, N, H].
 */
export function lstm(
  {
    T,
    STATES,
    N,
    H,
    G,
    REV,
    PEEP,
    FORGET,
    CLIP,
    FACT,
    FALPHA,
    FBETA,
    GACT,
    GALPHA,
    GBETA,
    HACT,
    HALPHA,
    HBETA,
  }: LstmSizes,
  x: Input<["T", "N", "G"]>,
  r: Weight<["G", "H"]>,
  h0: Input<["N", "H"]>,
  c0: Input<["N", "H"]>,
  w: Weight<[3, "H"]>,
  y: Output<["STATES", "N", "H"]>,
): void {
  for (const n of range(N)) {
    const h = stack([H]);
    const c = stack([H]);
    for (const u of range(H)) {
      h[u] = h0[n][u];
      c[u] = c0[n][u];
    }
    for (const t of range(T)) {
      const z = stack([G]);
      for (const j of range(G)) {
        let acc = x[REV ? T - 1 - t : t][n][j];
        for (const k of range(H)) {
          acc += h[k] * r[j][k];
        }
        z[j] = acc;
      }
      for (const u of range(H)) {
        z[u] = activate(clip(z[u] + (PEEP ? w[0][u] * c[u] : 0), -CLIP, CLIP), FACT, FALPHA, FBETA);
        z[2 * H + u] = FORGET
          ? 1 - z[u]
          : activate(clip(z[2 * H + u] + (PEEP ? w[2][u] * c[u] : 0), -CLIP, CLIP), FACT, FALPHA, FBETA);
        z[3 * H + u] = activate(clip(z[3 * H + u], -CLIP, CLIP), GACT, GALPHA, GBETA);
        c[u] = z[2 * H + u] * c[u] + z[u] * z[3 * H + u];
        z[H + u] = activate(clip(z[H + u] + (PEEP ? w[1][u] * c[u] : 0), -CLIP, CLIP), FACT, FALPHA, FBETA);
        h[u] = z[H + u] * activate(c[u], HACT, HALPHA, HBETA);
        y[REV ? T - 1 - t : t][n][u] = h[u];
      }
    }
    for (const u of range(H)) {
      y[STATES - 1][n][u] = c[u];
    }
  }
}
