import { join } from "node:path";
import { parseKernel } from "../language/parse-kernel.ts";
import { BLOCK_TERMS } from "../lower/block-sums.ts";
import { defaultCacheDir } from "../support/cache-folder.ts";
import { compilerBuild } from "../support/compiler-build.ts";
import { keepEntry, readEntry } from "../support/kept-entry.ts";
import { contentKey } from "../support/stable.ts";
import { kernelFile, operator } from "../task/compile-task.ts";
import { withHalves } from "../task/halves.ts";
import { type ErrorProgram, openErrorProgram, type WrittenErrorProgram } from "./error-program.ts";
import { formulaOf } from "./whole-function.ts";
import { writeErrorProgram } from "./write-error-program.ts";

/** Programs by operator, sizes, and which operands have errors. */
const programs = new Map<string, ErrorProgram>();

/**
 * The program of bounds of an operator's kernel, as this build of the compiler wrote it before, else written now and kept in the
 * user's cache: to parse a kernel takes longer than to run a small one.
 *
 * @param inexact inputs and weights that come with errors
 * @param floats set where the kernel is one of f16
 */
export function keptErrorProgram(
  op: string,
  dims: Readonly<Record<string, number>>,
  inexact: readonly string[],
  floats?: "f16",
): ErrorProgram {
  // sizes may be infinite, which JSON does not say
  const sizes = Object.entries(dims).map(([dim, v]) => [dim, Object.is(v, -0) ? "-0" : String(v)]);
  const key = contentKey({ build: compilerBuild(), op, sizes, inexact, floats });
  const known = programs.get(key);
  if (known !== undefined) return known;
  const path = join(defaultCacheDir(), "bounds", key.slice(0, 2), key.slice(2));
  const entry = readEntry(path);
  const written =
    entry === undefined
      ? write(op, dims, inexact, floats)
      : (JSON.parse(entry.toString()) as WrittenErrorProgram);
  if (entry === undefined) keepEntry(path, Buffer.from(JSON.stringify(written)));
  const program = openErrorProgram(written);
  programs.set(key, program);
  return program;
}

function write(
  op: string,
  dims: Readonly<Record<string, number>>,
  inexact: readonly string[],
  floats: "f16" | undefined,
): WrittenErrorProgram {
  const { kernel, halves = "stored" } = operator(op);
  const proc = parseKernel(kernelFile(operator(op)), kernel.name, dims);
  const use = floats === undefined ? undefined : halves;
  const computed = use === undefined ? proc : withHalves(proc, use);
  const known = { formula: formulaOf(dims, use), inHalf: BLOCK_TERMS };
  return writeErrorProgram(computed, new Set(inexact), known);
}
