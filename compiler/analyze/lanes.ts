import { naturalLayout, positionCount } from "../graph/layout.ts";
import { convForm, kernelGroups, requiredLayouts } from "../graph/node-task/conv-form.ts";
import type { LayerCost } from "./count-network.ts";

/**
 * Multiply-accumulates that vectors of `lanes` carry out for a layer, those on padded channels included. Follows how
 * the planner fills lanes (conv-form.ts); a layer whose input comes in another order than its own may pad a little more.
 */
export function executedMacs({ macs, params, groups = 1, input, output }: LayerCost, lanes: number): number {
  // computed weights lie as they are, so that nothing is rounded up to vectors
  if (macs === 0 || params === 0) return macs;
  const [m, n] = [input[1], output[1]];
  const channels = { groups, ic: m / groups, oc: n / groups };
  const kernel = macs / (groups * channels.ic * channels.oc);
  const form = convForm(channels, lanes);
  const natural = naturalLayout({ lanes });
  const { x, y } = requiredLayouts(form, channels, { lanes }) ?? { x: natural, y: natural };
  // Fewer channels than lanes are looped over as they are.
  const read = form === "dense" && m < lanes ? m : positionCount(x, m);
  const written = positionCount(y, n);
  return (kernel * read * written) / kernelGroups(form, channels, written);
}
