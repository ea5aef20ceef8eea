import { findToolchain } from "../build/toolchain.ts";
import { contentKey } from "../support/stable.ts";
import type { Target } from "../target/target.schema.ts";
import { compilerFlags } from "./emit-bundle-flags.ts";

/**
 * What makes a binary of a kernel's C: the C compiler, as it says its version, and the flags of all files. Together with a
 * kernel's name, which says the rest, it is what a count or a time belongs to. Throws what finding a compiler throws.
 */
export async function madeWith(target: Target): Promise<string> {
  const { fingerprint } = await findToolchain(target);
  return contentKey({ fingerprint, flags: compilerFlags(target) }).slice(0, 16);
}
