import type { Dims } from "../language/kernel.ts";
import type { Operator, SizedOp } from "./op.ts";

/** What an operator is whose kernel says its sizes: schedules and all the rest read no others. */
type Declared<D> = Pick<Operator<D>, "kernel"> & Omit<Operator<NoInfer<D>>, "kernel">;

/**
 * Operators whose kernels lie in one folder of compiler/ops, each in the file of its name. Behind this, an operator takes any
 * sizes: `D` is kept by name, for those who make tasks of it.
 */
export function operatorsIn<D>(
  folder: string,
  operators: { readonly [Name in keyof D]: Declared<D[Name]> },
): { readonly [Name in keyof D]: SizedOp<D[Name]> } {
  const anySizes = operators as Readonly<Record<string, unknown>> as Readonly<Record<string, Operator<Dims>>>;
  return Object.fromEntries(
    Object.entries(anySizes).map(([name, operator]) => [
      name,
      { ...operator, name, file: `${folder}/${name}.kernel.ts` },
    ]),
  ) as { readonly [Name in keyof D]: SizedOp<D[Name]> };
}
