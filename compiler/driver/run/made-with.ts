import type { Target } from "../../machine/target.schema.ts";
import { contentKey } from "../../support/stable.ts";
import { allIntentFlags } from "../../toolchain/intent-flags.ts";
import { findToolchain } from "../../toolchain/toolchain.ts";
import { compilerFlags } from "../bundle/emit-bundle-flags.ts";

/**
 * What makes a binary of a kernel's C: the C compiler, as it says its version, and the flags of all files and intents. Together with a
 * kernel's name, which says the rest, it is what a count or a time belongs to. Throws what finding a compiler throws.
 */
export async function madeWith(target: Target): Promise<string> {
  const toolchain = await findToolchain(target);
  const { fingerprint } = toolchain;
  const flags = [...compilerFlags(target), ...allIntentFlags(toolchain)];
  return contentKey({ fingerprint, flags }).slice(0, 16);
}
