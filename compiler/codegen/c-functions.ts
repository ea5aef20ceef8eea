import { arityOf, FUNCTION_NAMES, functionInC } from "../ir/functions.ts";
import type { LaneFunction } from "../ir/vector.ts";
import type { Isa } from "../machine/target.schema.ts";

/** Functions of single numbers that kernels call and the math library does not have, by name. */
export const OWN_FUNCTIONS: Readonly<Record<string, string>> = Object.fromEntries(
  FUNCTION_NAMES.flatMap((fn) => {
    const { name, text } = functionInC(fn);
    return text === undefined ? [] : [[name, text]];
  }),
);

/** Names of the math library's functions that kernels may call. */
export const MATH_FUNCTIONS: readonly string[] = FUNCTION_NAMES.flatMap((fn) => {
  const { name, text } = functionInC(fn);
  return text === undefined ? [name] : [];
});

const LANE_FUNCTIONS: readonly LaneFunction[] = ["sqrt", ...FUNCTION_NAMES];

/** Names of all functions of vectors. */
export const LANE_FUNCTION_NAMES: readonly string[] = LANE_FUNCTIONS.map(laneFunctionName);

/** A call for vectors: an instruction where the set has one. */
export function cLaneCall(fn: LaneFunction, args: readonly string[], isa: Isa): string {
  if (fn === "sqrt" && isa.ops.sqrt !== undefined) return isa.ops.sqrt.replace("$1", args[0]);
  return `${laneFunctionName(fn)}(${args.join(", ")})`;
}

/** A call for single numbers. */
export function cCall(fn: LaneFunction, args: readonly string[]): string {
  return `${scalarName(fn)}(${args.join(", ")})`;
}

function scalarName(fn: LaneFunction): string {
  return fn === "sqrt" ? "sqrtf" : functionInC(fn).name;
}

function laneFunctionName(fn: LaneFunction): string {
  return `tw_lanes_${scalarName(fn).replace(/^tw_/, "")}`;
}

/** The functions of vectors that `used` holds for, as C: their lanes one after another. */
export function laneFunctions(used: (name: string) => boolean, isa: Isa): readonly string[] {
  return LANE_FUNCTIONS.filter((fn) => used(laneFunctionName(fn))).map((fn) => {
    const names = ["a", "b", "c"].slice(0, fn === "sqrt" ? 1 : arityOf(fn));
    const call = cCall(
      fn,
      names.map((name) => `${name}[i]`),
    );
    return `static inline ${isa.vectorType} ${laneFunctionName(fn)}(${names.map((name) => `${isa.vectorType} ${name}`).join(", ")})
{
    for (int i = 0; i < ${isa.lanes}; i++) a[i] = ${call};
    return a;
}`;
  });
}
