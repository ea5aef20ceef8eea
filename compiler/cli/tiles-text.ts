import type { CompiledNetwork } from "../driver/compile-network.ts";
import { isChanged } from "../driver/decide/found-knobs.ts";
import type { Target } from "../machine/target.schema.ts";
import { someOf } from "../support/text.ts";

/** What choosing by the core's model has changed, in one line. */
export function tilesText(
  { found, kernels }: Pick<CompiledNetwork, "found" | "kernels">,
  { core }: Target,
): string {
  let [estimated, modelled] = [0, 0];
  for (const { kernel, candidates, chosen } of found) {
    const layers = kernels.filter(({ name }) => name === kernel).length;
    estimated += layers * candidates[0].cycles;
    modelled += layers * chosen.cycles;
  }
  const changed = found.filter(isChanged).length;
  if (changed === 0) return `as estimated: none is 1 % faster on the model of ${core.name}`;
  const less = (100 * (1 - modelled / estimated)).toFixed(1);
  return `${changed} of ${found.length} other than estimated: ${less} % fewer cycles on the model of ${core.name} (gains below 1 % are left alone)`;
}

/** The convolutions that the core's model has computed by another algorithm, in one line. */
export function algorithmsText({ algorithms }: Pick<CompiledNetwork, "algorithms">): string {
  const others = algorithms.filter(({ chosen, candidates }) => chosen !== candidates[0].algorithm);
  if (others.length === 0) return `as estimated, ${algorithms.length} tried`;
  const named = others.map(({ layer, chosen, candidates }) => {
    const cycles = candidates.find(({ algorithm }) => algorithm === chosen)?.cycles ?? 0;
    const less = (100 * (1 - cycles / candidates[0].cycles)).toFixed(1);
    return `${layer} ${chosen} (${less} % fewer cycles than ${candidates[0].algorithm})`;
  });
  return `${others.length} of ${algorithms.length} other than estimated: ${someOf(named)}`;
}
