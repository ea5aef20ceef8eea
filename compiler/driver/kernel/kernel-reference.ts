import type { KernelParam } from "../../artifact/kernel.ts";
import { type DType, isInteger, RANGE, rounded, type TypedArray } from "../../ir/dtype.ts";
import { pack, unpack } from "../../ir/storage.ts";
import { makeArray, unwritten } from "../../ir/typed-array.ts";
import { UserError } from "../../support/diagnostic.ts";
import { makeRng, type Rng } from "../../support/rng.ts";
import { type Comparison, compareTensors } from "../../verify/compare.ts";
import { type Known, openErrorProgram } from "../../verify/error-program.ts";
import { nest } from "../../verify/nested.ts";
import { withSmall } from "../../verify/node-errors.ts";
import { writeErrorProgram } from "../../verify/write-error-program.ts";
import type { Values } from "../run/run-network.ts";
import type { UserKernel } from "./user-kernel.ts";

/** Row-major contents of a kernel's tensors, by parameter. */
export type KernelData = ReadonlyMap<string, TypedArray>;

/**
 * Inputs and weights from a seed: standard normal where they have fractions, else any whole numbers, of i32 small ones, and of index
 * tables any indices. Outputs hold
 * NaN where there is one, so that what is never written shows.
 */
export function randomData({ parsed }: Pick<UserKernel, "parsed">, seed: number): KernelData {
  const rng = makeRng(seed);
  return new Map(
    parsed.params.map(({ name, role, dtype, storage, bound }) => {
      const size = storage.shape.reduce((a, b) => a * b, 1);
      if (role === "output") return [name, untouched(dtype, size)];
      const number = (): number => (bound === undefined ? randomNumber(dtype, rng) : rng.int(bound));
      return [name, makeArray(dtype, size).map(number)];
    }),
  );
}

/** Unlike the memory of a board before a kernel writes to it, which has all bits set: what is never written differs, or is NaN. */
function untouched(dtype: DType, size: number): TypedArray {
  return isInteger(dtype) ? makeArray(dtype, size) : unwritten(dtype, size);
}

function randomNumber(dtype: DType, rng: Rng): number {
  const range = RANGE[dtype];
  if (range === undefined) return rounded(dtype, rng.normal());
  const [least, count] = dtype === "i32" ? [-1000, 2001] : [range.min, range.max - range.min + 1];
  return least + rng.int(count);
}

/** Runs the kernel as the function it is, and gives what its outputs hold then. Throws C316 and R142. */
export function runInNode({ name, run, parameters, parsed, dims }: UserKernel, data: KernelData): KernelData {
  const shapes = new Map(parsed.params.map((p) => [p.name, p.storage.shape]));
  const copies = new Map([...data].map(([param, values]) => [param, values.slice()]));
  const args = parameters.map((p) => {
    if (p.kind === "dims") return dims;
    const values = copies.get(p.name);
    return values === undefined ? [] : nest(values, shapes.get(p.name) ?? []);
  });
  try {
    run(...args);
  } catch (error) {
    throw new UserError({
      code: "C316",
      exit: "badInput",
      title: `the kernel \`${name}\` failed in Node`,
      why: error instanceof Error ? error.message : String(error),
    });
  }
  const outputs = parsed.params.filter((p) => p.role === "output");
  for (const { name: output, storage } of outputs) {
    const values = copies.get(output) ?? new Float32Array();
    const at = values.findIndex((v) => Number.isNaN(v));
    if (at < 0) continue;
    throw new UserError({
      code: "R142",
      exit: "wrongResult",
      title: `\`${name}\` leaves elements of \`${output}\` without a value`,
      where: `run in Node, element ${at} of ${values.length} (shape [${storage.shape.join(", ")}])`,
      why: "it reads an element before it writes it, or never writes it, or divides 0 by 0",
      help: [`clear it first: ${output}[...] = 0`],
    });
  }
  return new Map(outputs.map((p) => [p.name, copies.get(p.name) ?? new Float32Array()]));
}

/** Inputs as they lie in memory, for the bundle of the kernel alone. */
export function packedInputs(
  { kernel }: { readonly kernel: Pick<UserKernel["kernel"], "params"> },
  data: KernelData,
): ReadonlyMap<string, Values<TypedArray>> {
  const inputs = kernel.params
    .filter((p) => p.role === "input")
    .map((p) => [p.name, packed(p, data)] as const);
  return inputs.length > 0
    ? new Map(inputs)
    : new Map([["nothing", { shape: [1], data: new Float32Array(1) }]]);
}

function packed({ name, dtype, storage }: KernelParam, data: KernelData): Values<TypedArray> {
  const memory = pack(storage, data.get(name) ?? makeArray(dtype, 0));
  return { shape: [memory.length], data: memory };
}

/** How what a board computed compares with what Node did. */
export interface KernelCheck extends Comparison {
  readonly output: string;
  readonly ok: boolean;
}

/** How far each number of the outputs may be off by rounding (verify/rounding.ts), by parameter. */
export function outputBounds(
  { parsed }: Pick<UserKernel, "parsed">,
  data: KernelData,
  known?: Known,
): ReadonlyMap<string, Float32Array> {
  const given = new Map([...data].map(([name, values]) => [name, withSmall(values, undefined)]));
  const inexact = [...given].flatMap(([name, { errors }]) => (errors === undefined ? [] : [name]));
  return openErrorProgram(writeErrorProgram(parsed, new Set(inexact), known))(given);
}

/** Compares outputs as they lie in a board's memory with Node's, each element by its rounding bound (verify/rounding.ts). */
export function checkOutputs(
  { kernel, parsed }: UserKernel,
  found: ReadonlyMap<string, Values<TypedArray>>,
  data: KernelData,
  wanted: KernelData,
): readonly KernelCheck[] {
  const bounds = outputBounds({ parsed }, data);
  return kernel.params
    .filter((p) => p.role === "output")
    .map(({ name, dtype, storage }) => {
      const actual = unpack(storage, found.get(name)?.data ?? makeArray(dtype, 0));
      const compared = compareTensors(
        storage.shape,
        actual,
        wanted.get(name) ?? makeArray(dtype, 0),
        bounds.get(name),
      );
      return { output: name, ok: compared.badCount === 0, ...compared };
    });
}
