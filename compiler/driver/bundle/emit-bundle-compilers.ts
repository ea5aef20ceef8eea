import type { BundleMetadata } from "../../artifact/bundle.ts";
import { INTENTS, type Intent } from "../../artifact/intent.ts";
import type { MakefileView } from "../../codegen/views.ts";
import { type Family, familyFlags, QUIET_FLAGS } from "../../toolchain/intent-flags.ts";

/**
 * What kernels ask of the C compiler, for a bundle's own Makefile and CMakeLists.txt. Which compiler that is shows when they
 * run, so they hold the flags of each family, and ask what it knows of them.
 * @param folder of the kernels
 */
export function compilerViews(
  { sources }: Pick<BundleMetadata, "sources">,
  folder: string,
): Pick<MakefileView, "kernels" | "gcc" | "clang"> {
  const files = sources.filter(({ file }) => file.startsWith(folder));
  const used = INTENTS.filter((intent) => files.some(({ intents }) => intents?.includes(intent)));
  return {
    kernels: files.map(({ file, intents = [], cflags }) => ({
      name: file.slice(folder.length, -".c".length),
      flagged: intents.length + cflags.length > 0,
      makeFlags: [...intents.map((intent) => `$(${intent})`), ...cflags].join(" "),
      cmakeFlags: [...intents.map((intent) => `\${TILEWRIGHT_${intent}}`), ...cflags]
        .map((flag) => ` ${flag}`)
        .join(""),
    })),
    gcc: familyView("gcc", used),
    clang: familyView("clang", used),
  };
}

function familyView(family: Family, used: readonly Intent[]): MakefileView["gcc"] {
  return {
    intents: used.map((intent) => ({ intent, flags: familyFlags(family, intent).join(" ") })),
    quiet: QUIET_FLAGS[family].join(" "),
  };
}
