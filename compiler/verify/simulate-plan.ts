import { elementCount } from "../graph/extents.ts";
import type { Arg, Place, Plan, Step } from "../graph/plan.ts";
import { convertNumber } from "../ir/arithmetic.ts";
import { type DType, f16BitsOf, f16Value, type TypedArray } from "../ir/dtype.ts";
import { isReadType, typedNumbers } from "../ir/port-type.ts";
import { valuesOf } from "../ir/quantization.ts";
import { addressTables, physicalSize, type Storage, unpack } from "../ir/storage.ts";
import { kernelFileParameters } from "../language/parse-kernel.ts";
import type { KernelTensor } from "../ops/op.ts";
import { defined, invariant } from "../support/assert.ts";
import { kernelFile, operator } from "../task/compile-task.ts";
import { runKernel } from "./run-kernel.ts";

/** Contents after a simulated run. */
export interface SimulatedRun {
  readonly outputs: readonly Float32Array[];
  /** Row-major contents of every tensor some step produced, at the time it was complete. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

const parameters = new Map<string, readonly string[]>();

/** Names of an operator's tensors, in its kernel's order; the last one is written. */
function parametersOf(name: string): readonly string[] {
  const known = parameters.get(name);
  if (known !== undefined) return known;
  const op = operator(name);
  const read = kernelFileParameters(kernelFile(op), op.kernel.name);
  const names = read.flatMap((param) => (param.kind === "tensor" ? [param.name] : []));
  parameters.set(name, names);
  return names;
}

/**
 * Carries out a plan in Node, without any generated code: reads each step's operands out of the arena by
 * their storage, runs the kernel, writes the result back. The arena starts out as NaN, so memory that was
 * never written shows. What comes out is what the layouts, borders and offsets of the plan make of it.
 */
export function simulatePlan(plan: Plan, inputs: readonly Float32Array[]): SimulatedRun {
  const arena = new ArrayBuffer(plan.arenaBytes);
  new Float32Array(arena).fill(Number.NaN);
  const outputs = plan.outputs.map(({ shape }) => new Float32Array(elementCount(shape)).fill(Number.NaN));
  const given = inputs.map((data, i) => {
    const { dtype = "f32", floats } = plan.inputs[i];
    if (typeof floats === "object" && floats.kind === "arena")
      new Float32Array(arena, floats.offset).set(data);
    return isReadType(dtype) ? typedNumbers(dtype, data) : data;
  });
  const tensors = new Map<string, Float32Array>();
  const memory: Memory = (place, lies) => {
    switch (place.kind) {
      case "arena":
        return numbersAt(arena, place.offset, lies);
      case "input":
        return given[place.index];
      case "output":
        return outputs[place.index];
    }
  };
  const write = (place: Place, lies: Lies, data: TypedArray): void => {
    const numbers = memory(place, lies);
    store(lies.storage, lies.dtype === "i8" ? data.map((v) => convertNumber("i8", v)) : data, numbers);
    if (place.kind === "arena" && lies.dtype === "f16")
      halvesAt(arena, place.offset, lies.storage).set(f16BitsOf(numbers));
  };
  for (const step of plan.steps) {
    runStep(step, memory, write);
    const { produces } = step;
    if (produces !== undefined) {
      const { tensor, storage, place, quantized } = produces;
      tensors.set(tensor, valuesOf(unpack(storage, memory(place, produces)), quantized));
    }
  }
  // what is of another type is made of floats
  const results = plan.outputs.map(({ floats }, i): Float32Array => {
    if (floats === undefined || floats === "copied") return outputs[i];
    return Float32Array.from(memory(floats).subarray(0, outputs[i].length));
  });
  return { outputs: results, tensors };
}

/** How numbers lie somewhere, and what they are: absent, f32, or what a caller gave. */
type Lies = { readonly storage: Storage; readonly dtype?: DType | undefined };
/** The numbers from a place on. */
type Memory = (place: Place, lies?: Lies) => TypedArray;

/** f16 as a copy of floats, others as they are. */
function numbersAt(arena: ArrayBuffer, offset: number, lies: Lies | undefined): TypedArray {
  if (lies?.dtype === "f16") return Float32Array.from(halvesAt(arena, offset, lies.storage), f16Value);
  return lies?.dtype === "i8" ? new Int8Array(arena, offset) : new Float32Array(arena, offset);
}

/** The 16 bits of each number of a storage. */
function halvesAt(arena: ArrayBuffer, offset: number, storage: Storage): Uint16Array {
  return new Uint16Array(arena, offset, physicalSize(storage));
}

function runStep(
  { task, args, name }: Step,
  memory: Memory,
  write: (place: Place, lies: Lies, data: TypedArray) => void,
): void {
  const lies = (param: string): Lies => ({
    storage: defined(task.storage[param], `storage of ${param} in ${name}`),
    dtype: task.floats ?? task.types?.[param],
  });
  const params = parametersOf(task.op);
  const tensors = params.map((param) => {
    const arg: Arg | undefined = args[param];
    if (arg === undefined) return undefined;
    if (arg.kind === "weight") return { shape: arg.shape, data: arg.data };
    const { storage, dtype } = lies(param);
    const data = unpack(storage, memory(arg, { storage, dtype }));
    return { shape: storage.shape, data: Float32Array.from(data) };
  });
  runKernel(task.op, task.dims, tensors);
  const written = defined(params.at(-1), "an output parameter");
  const place = args[written];
  const result = defined(tensors.at(-1), "an output");
  invariant(place.kind === "arena" || place.kind === "output", `${name} writes to memory it owns`);
  write(place, lies(written), result.data);
}

/** Writes a storage's logical elements into memory and nothing else. */
function store(storage: Storage, data: KernelTensor["data"], memory: TypedArray): void {
  const tables = addressTables(storage);
  let at = 0;
  const walk = (dim: number, base: number): void => {
    if (dim === tables.length) {
      invariant(base < memory.length, "a step writes inside its memory");
      memory[base] = data[at++];
      return;
    }
    for (const address of tables[dim]) walk(dim + 1, base + address);
  };
  walk(0, 0);
}
