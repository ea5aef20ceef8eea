import {
  choose,
  type Input,
  isLess,
  type Output,
  range,
  type Sizes,
  type Weight,
} from "../../language/kernel.ts";

/**
 * Where a count grows: the place of its first L steps, and whether there is one; 0 and 0 where not. As many counts lie before the
 * place of step `rank` as are below it. counts: [K], from one step to the next by 0 or 1, rank: [L], from 1 on, y: [2, L].
 */
export function places(
  { K, L }: Sizes<"K L">,
  counts: Input<["K"]>,
  rank: Weight<["L"]>,
  y: Output<[2, "L"]>,
): void {
  for (const m of range(1)) {
    for (const l of range(L)) {
      let before = 0;
      for (const k of range(K)) {
        before += isLess(counts[k], rank[l]);
      }
      y[m][l] = choose(isLess(before, K), before, 0);
      y[m + 1][l] = isLess(before, K);
    }
  }
}
