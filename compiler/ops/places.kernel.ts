import {
  choose,
  type Dims,
  type Input,
  isLess,
  type Output,
  range,
  type Weight,
} from "../language/kernel.ts";

/**
 * Where a count grows: the place of its first T steps, and whether there is one; 0 and 0 where not. As many counts lie before the
 * place of step `rank` as are below it. counts: [P], from one step to the next by 0 or 1, rank: [T], from 1 on, y: [2, T].
 */
export function places({ P, T }: Dims, counts: Input<["P"]>, rank: Weight<["T"]>, y: Output<[2, "T"]>): void {
  for (const t of range(T)) {
    let before = 0;
    for (const p of range(P)) {
      before += isLess(counts[p], rank[t]);
    }
    y[0][t] = choose(isLess(before, P), before, 0);
    y[1][t] = isLess(before, P);
  }
}
