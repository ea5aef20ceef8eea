import { SCALAR_HELPERS } from "../../compiler/codegen/c-expr.ts";
import { laneFunctions, OWN_FUNCTIONS } from "../../compiler/codegen/c-functions.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";

/** C files of kernels as one, those of f16 among them: what stands at the top of each, once. */
export function oneFile(kernels: readonly string[], { isa, halves }: Pick<Target, "isa" | "halves">): string {
  const headers = ["#include <math.h>", "#include <stddef.h>"];
  const prelude = [...headers, ...isa.prelude].join("\n");
  const whole = [...headers, "#include <stdint.h>", ...isa.prelude].join("\n");
  const helpers = [SCALAR_HELPERS, OWN_FUNCTIONS].flatMap((all) => Object.values(all));
  helpers.push(...laneFunctions(() => true, isa));
  // those of the instruction sets may need what not every kernel's file is compiled for
  const own = [isa, halves].flatMap((set) =>
    Object.values(set?.helpers ?? {}).map((lines) => lines.join("\n")),
  );
  helpers.push(...new Set(own.filter((helper) => kernels.some((c) => c.includes(helper)))));
  const bodies = kernels.map((c) =>
    [whole, prelude, ...helpers].reduce((rest, text) => rest.replace(text, ""), c),
  );
  return ["#include <stdint.h>", prelude, ...helpers, ...bodies].join("\n");
}
