import { roundUp } from "../graph/channel-order.ts";
import { convForm } from "../graph/node-task/conv-form.ts";
import type { LayerCost } from "./count-network.ts";

/**
 * Multiply-accumulates that vectors of `lanes` carry out for a layer, those on padded channels included. Follows how
 * the planner fills lanes (conv-form.ts); a layer whose input comes in another order than its own may pad a little more.
 */
export function executedMacs({ macs, groups, input, output }: LayerCost, lanes: number): number {
  if (macs === 0) return 0;
  const [g, m, n] = [groups ?? 1, input[1], output[1]];
  const [ic, oc] = [m / g, n / g];
  const kernel = macs / (g * ic * oc);
  switch (convForm({ groups: g, ic, oc }, lanes)) {
    case "dense":
      // Fewer channels than lanes are looped over as they are.
      return kernel * (m < lanes ? m : roundUp(m, lanes)) * roundUp(n, lanes);
    case "lanes":
      return kernel * roundUp(g, lanes);
    case "groups":
      return kernel * g * roundUp(ic, lanes) * roundUp(oc, lanes);
    case "interleaved":
      return kernel * roundUp(g, lanes) * ic * oc;
  }
}
