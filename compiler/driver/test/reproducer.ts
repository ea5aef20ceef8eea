import type { Kernel, KernelParam } from "../../artifact/kernel.ts";
import { commentText } from "../../codegen/c-text.ts";
import { render } from "../../codegen/templates.ts";
import type { ReproducerView } from "../../codegen/views.ts";
import { type DType, isInteger, type TypedArray } from "../../ir/dtype.ts";
import { pack } from "../../ir/storage.ts";
import { makeArray } from "../../ir/typed-array.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { CompilerKind } from "../../toolchain/intent-flags.ts";
import { kernelFlags } from "../bundle/emit-bundle-flags.ts";
import type { StageData } from "./locate/stages.ts";

/** What a reproducer is told of the failure, for its reader. */
export interface ReproducerNotes {
  readonly network: string;
  readonly layer: string;
  readonly culprit?: string;
}

/** Numbers of all parameters together that a C file can hold and a compiler reads in seconds. */
const MOST_NUMBERS = 400_000;

/**
 * A kernel with data as one C file that needs nothing but a C compiler: it runs the kernel, compares each number of its outputs,
 * and prints the first that differs beside what was expected; exit code 1 where one does. Undefined where the data is too large.
 */
export function reproducerText(
  kernel: Kernel,
  { tensors, wanted, bounds }: StageData,
  target: Target,
  compiler: CompilerKind & { readonly command: string },
  notes: ReproducerNotes,
): string | undefined {
  const sizes = kernel.params.map(({ storage }) => storage.shape.reduce((a, b) => a * b, 1));
  if (sizes.reduce((a, b) => a + b, 0) > MOST_NUMBERS) return undefined;
  const outputs = kernel.params.filter(({ role }) => role === "output");
  const flags = kernelFlags(target, compiler, kernel);
  const view: ReproducerView = {
    title: commentText(`${notes.layer} of ${notes.network}, for ${target.name}`),
    hasCulprit: notes.culprit !== undefined,
    culprit: commentText(notes.culprit ?? ""),
    command: commentText(`cc ${flags.join(" ")} FILE -o repro -lm && ./repro`),
    kernel: kernel.c,
    arrays: [
      ...kernel.params
        .filter(({ role }) => role !== "output")
        .map((p) => arrayOf(p.name, p, dataOf(p, tensors))),
      ...outputs.map((p) => arrayOf(`wanted_${p.name}`, p, dataOf(p, wanted))),
      ...outputs.map((p) => boundsOf(p, bounds)),
    ],
    buffers: [
      ...outputs.map((p) => ({
        name: p.name,
        type: C_TYPES[p.dtype],
        size: pack(p.storage, dataOf(p, wanted)).length,
      })),
      ...kernel.scratch.map(({ name, size, dtype }) => ({ name, type: C_TYPES[dtype], size })),
    ],
    name: kernel.name,
    args: [...kernel.params, ...kernel.scratch].map(({ name }) => `data_${name}`).join(", "),
    grid: kernel.grid,
    outputs: outputs.map(({ name }) => ({ name })),
  };
  return render("reproducer.c", view);
}

const C_TYPES: Readonly<Record<DType, string>> = {
  f32: "float",
  f16: "_Float16",
  i8: "int8_t",
  u8: "uint8_t",
  i32: "int32_t",
};

function dataOf({ name, dtype, storage }: KernelParam, data: StageData["tensors"]): TypedArray {
  return (
    data.get(name) ??
    makeArray(
      dtype,
      storage.shape.reduce((a, b) => a * b, 1),
    )
  );
}

function arrayOf(
  name: string,
  { dtype, storage }: KernelParam,
  data: TypedArray,
): ReproducerView["arrays"][number] {
  const memory = pack(storage, data);
  return { name, type: C_TYPES[dtype], rows: rowsOf(Array.from(memory, (v) => literal(dtype, v))) };
}

/** Elements of the memory that are no element of the tensor may hold anything. */
function boundsOf(
  { name, storage }: KernelParam,
  bounds: StageData["bounds"],
): ReproducerView["arrays"][number] {
  const size = storage.shape.reduce((a, b) => a * b, 1);
  const memory = pack(storage, bounds.get(name) ?? new Float32Array(size), Number.POSITIVE_INFINITY);
  return { name: `bound_${name}`, type: "float", rows: rowsOf(Array.from(memory, (v) => literal("f32", v))) };
}

/** Exact: a float's shortest decimal form reads back as itself; numbers of f16 are floats that C makes f16 of. */
function literal(dtype: DType, v: number): string {
  if (isInteger(dtype)) return String(v);
  if (Number.isNaN(v)) return "NAN";
  if (!Number.isFinite(v)) return v < 0 ? "-INFINITY" : "INFINITY";
  const text = Object.is(v, -0) ? "-0" : String(v);
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

const PER_ROW = 12;

function rowsOf(literals: readonly string[]): { readonly text: string }[] {
  return Array.from({ length: Math.ceil(literals.length / PER_ROW) }, (_, i) => ({
    text: literals.slice(i * PER_ROW, (i + 1) * PER_ROW).join(", "),
  }));
}
