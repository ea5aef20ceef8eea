import type { BundleFiles } from "../../compiler/driver/bundle/emit-bundle.ts";
import { type FileContents, wholeFile } from "../../compiler/driver/bundle/large-file.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { oneFile } from "./one-file.ts";

/** Inputs and outputs of many layers in one network. */
const MORE_PORTS = "-DTW_MAX_PORTS=1024";

interface Source {
  readonly file: string;
  readonly intents?: readonly string[];
  readonly cflags: readonly string[];
}

/**
 * The same bundle with its kernels in a few large C files, at least `atLeast` where there are as many: a compiler
 * takes a thousand small ones ten times as long. Kernels that ask other things of the compiler stay in other files.
 */
export function mergeKernels(files: BundleFiles, target: Target, atLeast: number): BundleFiles {
  const metadata: { readonly sources: readonly Source[]; readonly cflags: readonly string[] } = JSON.parse(
    text(files.get("metadata.json")),
  );
  const isKernel = ({ file }: Source): boolean => file.startsWith("src/kernels/");
  const merged = new Map([...files].filter(([path]) => !path.startsWith("src/kernels/")));
  const rest = metadata.sources.filter((source) => !isKernel(source));
  const parts: Source[] = [];
  const kernels = metadata.sources.filter(isKernel);
  const asked = ({ intents = [], cflags }: Source): string => [...intents, ...cflags].join(" ");
  for (const wanted of new Set(kernels.map(asked))) {
    const alike = kernels.filter((kernel) => asked(kernel) === wanted);
    for (let part = 0; part < Math.min(atLeast, alike.length); part++) {
      const file = `src/kernels/part${parts.length}.c`;
      const mine = alike.filter((_, i) => i % atLeast === part);
      merged.set(
        file,
        oneFile(
          mine.map((source) => text(files.get(source.file))),
          target,
        ),
      );
      parts.push({ ...alike[0], file });
    }
  }
  return merged.set(
    "metadata.json",
    JSON.stringify({ ...metadata, cflags: [...metadata.cflags, MORE_PORTS], sources: [...rest, ...parts] }),
  );
}

function text(contents: FileContents = ""): string {
  return new TextDecoder().decode(wholeFile(contents));
}
