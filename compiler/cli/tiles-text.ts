import type { CompiledNetwork } from "../driver/compile-network.ts";
import { isChanged } from "../driver/found-knobs.ts";
import type { Target } from "../target/target.schema.ts";

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
