import { stepsOf } from "../ir/steps.ts";
import type { VectorProc } from "../ir/vector.ts";
import type { Isa } from "../machine/target.schema.ts";
import { cType, SCALAR_HELPERS } from "./c-expr.ts";
import { laneFunctions, OWN_FUNCTIONS } from "./c-functions.ts";
import { gridAxes } from "./c-grid.ts";
import { stepLines } from "./c-steps.ts";
import { cBlock } from "./c-stmt.ts";
import { commentText } from "./c-text.ts";
import { namesOf, withCNames } from "./kernel-names.ts";

/** The text of a kernel's C file, and its prototype. */
export interface KernelText {
  readonly c: string;
  readonly prototype: string;
}

/**
 * Prints a vector procedure as one C file with one function. `banner` are lines of the comment at its top:
 * printing makes no decisions and knows no schedule.
 */
export function emitKernel(named: VectorProc, isa: Isa, banner: readonly string[]): KernelText {
  const proc = withCNames(named, isa);
  const params = proc.params.map(
    (p) =>
      `${p.role === "output" ? "" : "const "}${cType(p.dtype, 1, isa)} *${p.shared ? "" : "restrict "}${p.name}`,
  );
  const scratch = proc.scratch.map(({ name, dtype }) => `${cType(dtype, 1, isa)} *restrict ${name}`);
  const prototype = `void ${proc.name}(${[...params, ...scratch, "int begin", "int end"].join(", ")})`;
  const text = body(proc, isa).join("\n");
  const file = [
    ...banner.map((line, i) => `${i === 0 ? "/*" : " *"} ${commentText(line)}`),
    " */",
    "#include <math.h>",
    "#include <stddef.h>",
    ...(/\b(u?int8|int32)_t\b/.test(`${prototype}\n${text}`) ? ["#include <stdint.h>"] : []),
    ...isa.prelude,
    ...helpers(text, isa),
    "",
    `${prototype};`,
    "",
    prototype,
    "{",
    text,
    "}",
    "",
  ];
  return { c: file.join("\n"), prototype };
}

/** The functions that a text calls: those of single numbers, and the instruction set's own. All are called `tw_` something. */
function helpers(text: string, isa: Isa): string[] {
  const { helpers = {} } = isa;
  const called = new Set<string>(text.match(/\btw_\w+(?=\()/g));
  const inLanes = laneFunctions((name) => called.has(name), isa);
  const used = (name: string): boolean =>
    called.has(name) || inLanes.some((line) => line.includes(` ${name}(`));
  return [
    ...Object.keys(OWN_FUNCTIONS).flatMap((name) => (used(name) ? [OWN_FUNCTIONS[name]] : [])),
    ...inLanes,
    ...Object.keys(SCALAR_HELPERS).flatMap((name) => (used(name) ? [SCALAR_HELPERS[name]] : [])),
    ...Object.keys(helpers).flatMap((name) => (used(name) ? helpers[name] : [])),
  ];
}

function body(proc: VectorProc, isa: Isa): string[] {
  const inSteps = stepsOf(proc.body);
  if (inSteps !== undefined) return stepLines(proc.grid, inSteps, isa);
  const used = namesOf(proc.body);
  const axes = proc.grid.filter((g) => g.extent > 1);
  if (axes.length === 0) {
    const fixed = proc.grid.filter((g) => used.has(g.axis)).map((g) => `    const ptrdiff_t ${g.axis} = 0;`);
    return ["    if (begin >= end) return;", ...fixed, ...cBlock(proc.body, isa, 1)];
  }
  return [
    "    for (ptrdiff_t task = begin; task < end; task++) {",
    ...gridAxes(proc.grid, "task", used).map((line) => `        ${line}`),
    ...cBlock(proc.body, isa, 2),
    "    }",
  ];
}
