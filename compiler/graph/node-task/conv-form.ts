import { assertNever } from "../../support/assert.ts";
import { roundUp } from "../channel-order.ts";
import { type Format, interleavedLayout, type Layout, paddedLayout } from "../layout.ts";

/** Groups of a convolution and its channels per group. */
export interface ConvChannels {
  readonly groups: number;
  readonly ic: number;
  readonly oc: number;
}

/**
 * How a convolution fills vectors of `lanes`:
 *
 * - `dense`: one group, lanes hold its output channels; any order of channels on either side, as the weights follow. Several
 *   groups as one, with zeros in its weights, would take a NaN or an infinity of one group into the others.
 * - `lanes`: depthwise; lanes hold channels, any order, the same on both sides.
 * - `groups`: lanes hold output channels of a group, whole vectors per group, padded where its channels do not fill them.
 * - `interleaved`: lanes hold neighbouring groups; interleaved by channels per group on both sides.
 */
export type ConvForm = "dense" | "lanes" | "groups" | "interleaved";

/** Few other operators take padded groups as they lie, so that they must save half the work. */
const PADDED_PAYS = 0.5;

export function convForm({ groups, ic, oc }: ConvChannels, lanes: number): ConvForm {
  if (groups === 1) return "dense";
  if (ic === 1 && oc === 1) return "lanes";
  if (ic % lanes === 0 && oc % lanes === 0) return "groups";
  const interleaved = roundUp(groups, lanes) * ic * oc;
  const padded = groups * roundUp(ic, lanes) * roundUp(oc, lanes);
  return padded < PADDED_PAYS * interleaved ? "groups" : "interleaved";
}

/** Groups of a kernel whose output has so many positions for channels: those included that only fill vectors. */
export function kernelGroups(form: ConvForm, { groups, oc }: ConvChannels, positions: number): number {
  switch (form) {
    case "dense":
      return 1;
    case "groups":
      return groups;
    case "lanes":
    case "interleaved":
      return positions / oc;
    default:
      return assertNever(form);
  }
}

/** The layouts a form insists on; undefined where any blocked layout does. */
export function requiredLayouts(
  form: ConvForm,
  { ic, oc }: ConvChannels,
  format: Format,
): { readonly x: Layout; readonly y: Layout } | undefined {
  switch (form) {
    case "groups":
      return { x: paddedLayout(format, ic), y: paddedLayout(format, oc) };
    case "interleaved":
      return { x: interleavedLayout(format, ic), y: interleavedLayout(format, oc) };
    default:
      return undefined;
  }
}
