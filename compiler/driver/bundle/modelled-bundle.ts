import type { Kernel } from "../../artifact/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defined } from "../../support/assert.ts";
import type { BundleFiles } from "./emit-bundle.ts";
import { kernelBundle } from "./kernel-bundle.ts";

/** A program to be run once, and names in it that stand for others. */
export interface ModelledBundle {
  readonly files: BundleFiles;
  readonly aliases: Readonly<Record<string, string>>;
}

const NET = "kernel";

/**
 * A kernel alone, to be built once among many. Its weights are inputs: what they are does not matter, and nothing large is written. What
 * lies around it calls it by a name that all kernels have, and names no sizes where it needs none: so that is compiled for the first of
 * them, and found again for the others. The name is as long as the kernel's own: what a program has in memory lies where it would lie with that.
 */
export function modelledBundle(kernel: Kernel, target: Target): ModelledBundle {
  const alias = kernel.name.replace(/[0-9a-f]{12}$/, (hash) => "0".repeat(hash.length));
  const files = new Map(kernelBundle(NET, kernel, new Map(), target));
  const change = (path: string, changed: (text: string) => string): void => {
    files.set(path, changed(defined(files.get(path), path).toString()));
  };
  change(`src/${NET}.c`, (text) => text.replaceAll(kernel.name, alias));
  change(`src/${NET}_main.c`, (text) =>
    text.replace(
      `#include "${NET}.h"\n`,
      '#include "tilewright.h"\nextern const struct tw_network kernel_network;\n',
    ),
  );
  return { files, aliases: alias === kernel.name ? {} : { [alias]: kernel.name } };
}
