import type { Kernel } from "../../artifact/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defaultCacheDir } from "../../support/cache-folder.ts";
import { assemblyOf } from "../../toolchain/assembly.ts";
import { findToolchain } from "../../toolchain/toolchain.ts";
import { kernelFlags } from "../bundle/emit-bundle-flags.ts";
import type { MoreTexts } from "./kernel-entries.ts";

/** The assembly of each kernel, as a bundle's makefile would make it. Throws B codes. */
export async function assemblyTexts(target: Target): Promise<MoreTexts> {
  const toolchain = await findToolchain(target);
  return async (kernel: Kernel) => {
    const text = await assemblyOf({
      c: kernel.c,
      name: kernel.name,
      toolchain,
      flags: kernelFlags(target, toolchain, kernel),
      includes: target.isa.prelude.filter((line) => line.startsWith("#include")),
      cacheDir: defaultCacheDir(),
    });
    // tabs are for machines
    return [{ title: "Assembly", text: text.replaceAll("\t", "  ") }];
  };
}
