import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { emitKernel } from "../codegen/emit-kernel.ts";
import { printProc } from "../ir/print.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { VectorProc } from "../ir/vector.ts";
import type { Target } from "../machine/target.schema.ts";

/** Receives the files of a dump: path inside its folder, text. */
export type DumpFile = (path: string, text: string) => void;

/**
 * Collects what one kernel looks like after parsing, after each schedule step and after each pass:
 * numbered files, and an index that says where nothing changed. Loop stages are kernel language and can be
 * compiled again; vector stages are C.
 */
export function kernelDump(
  folder: string,
  target: Target,
  write: DumpFile,
): { readonly dump: (stage: string, proc: LoopProc | VectorProc) => void; readonly finish: () => void } {
  const index: string[] = [];
  let previous = "";
  const dump = (stage: string, proc: LoopProc | VectorProc): void => {
    const [text, ending] =
      proc.stage === "loop" ? [printProc(proc), "ts"] : [emitKernel(proc, target.isa, [stage]).c, "c"];
    const number = String(index.length).padStart(2, "0");
    // the banner names the stage: compare what follows it
    const body = proc.stage === "loop" ? text : text.slice(text.indexOf("*/"));
    if (body === previous) {
      index.push(`${number} ${stage}: unchanged`);
      return;
    }
    previous = body;
    write(join(folder, `${number}-${stage}.${ending}`), text);
    index.push(`${number} ${stage}`);
  };
  return { dump, finish: () => write(join(folder, "index.txt"), `${index.join("\n")}\n`) };
}

/** Writes the files of a dump below a folder. */
export function dumpInto(folder: string): DumpFile {
  return (path, text) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
}
