import type { OpDef } from "./op.ts";

/** An operator as its folder declares it; its name is its key there. */
export type Operator = Omit<OpDef, "name" | "file">;

/** Operators whose kernels lie in one folder of compiler/ops, each in the file of its name. */
export function operatorsIn<Name extends string>(
  folder: string,
  operators: Readonly<Record<Name, Operator>>,
): Readonly<Record<Name, OpDef>> {
  const define = (name: string, operator: Operator): OpDef => ({
    ...operator,
    name,
    file: `${folder}/${name}.kernel.ts`,
  });
  return Object.fromEntries(
    Object.entries<Operator>(operators).map(([name, operator]) => [name, define(name, operator)]),
  ) as Record<Name, OpDef>;
}
