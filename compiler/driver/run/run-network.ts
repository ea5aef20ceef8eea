import type { Runner } from "../../device/runner.ts";
import type { DType, TypedArray } from "../../ir/dtype.ts";
import { floatsIn, isReadType, memoryOf, PORT_MEMORY, type PortType, portBytes } from "../../ir/port-type.ts";
import { bytesOf, numbersIn } from "../../ir/typed-array.ts";
import { invariant } from "../../support/assert.ts";
import { UserError } from "../../support/diagnostic.ts";
import { coreArguments } from "./bench-arguments.ts";
import { checkHeld } from "./held-values.ts";
import type { NetworkProgram } from "./network-program.ts";
import { programLines } from "./program-lines.ts";

/** Row-major numbers and their shape; those of networks are f32, whatever their inputs and outputs hold. */
export interface Values<A extends TypedArray = Float32Array> {
  readonly shape: readonly number[];
  readonly data: A;
}
export interface RunOptions {
  readonly threads: number;
  /** The cores that threads are tied to, one each; absent: whichever the board gives. */
  readonly cores?: readonly number[];
  readonly timeoutSeconds: number;
  /** Bring back what each layer made, as it lay in memory; with one sample only. */
  readonly trace?: boolean;
  readonly signal?: AbortSignal;
}
export interface RunResult<A extends TypedArray = Float32Array> {
  /** By name of the output; with several samples the first dimension has grown by their number. */
  readonly outputs: ReadonlyMap<string, Values<A>>;
  readonly samples: number;
  /** Time of all samples, in nanoseconds; 0 when traced. */
  readonly ns: number;
  readonly trace?: Uint8Array;
}

/** Numbers as they lie in the memory of inputs and outputs, and back. */
interface Memory<A extends TypedArray> {
  write(type: PortType, data: A): Uint8Array;
  read(type: PortType, bytes: Uint8Array): A;
}
const OF_NETWORKS: Memory<Float32Array> = { write: memoryOf, read: floatsIn };
function ofKernel(type: PortType): DType {
  invariant(isReadType(type), `a kernel holds no ${type}`);
  return PORT_MEMORY[type].dtype;
}
const OF_KERNELS: Memory<TypedArray> = {
  write: (type, data) => bytesOf(ofKernel(type), data),
  read: (type, bytes) => numbersIn(ofKernel(type), bytes),
};

/**
 * Runs a compiled network on a board. Inputs are given by name; each may hold several samples one after
 * another in its first dimension, all inputs equally many. Throws R111 (an input is missing or of the
 * wrong shape), R117 (it holds numbers that are none of its type) and what the board has to say.
 */
export async function runNetwork(
  network: NetworkProgram,
  runner: Runner,
  inputs: ReadonlyMap<string, Values>,
  options: RunOptions,
): Promise<RunResult> {
  checkHeld(network.metadata.inputs, inputs);
  return runProgram(network, runner, inputs, options, OF_NETWORKS);
}

/** The same for a kernel alone: its numbers are of whatever types it has. */
export async function runKernelAlone(
  network: NetworkProgram,
  runner: Runner,
  inputs: ReadonlyMap<string, Values<TypedArray>>,
  options: RunOptions,
): Promise<RunResult<TypedArray>> {
  return runProgram(network, runner, inputs, options, OF_KERNELS);
}

async function runProgram<A extends TypedArray>(
  { program, metadata }: NetworkProgram,
  runner: Runner,
  inputs: ReadonlyMap<string, Values<A>>,
  options: RunOptions,
  memory: Memory<A>,
): Promise<RunResult<A>> {
  const samples = checkInputs(metadata.inputs, inputs);
  const files = metadata.inputs.map(({ name, dtype }, i) => {
    const given = inputs.get(name);
    const data = given ? memory.write(dtype ?? "f32", given.data) : new Uint8Array();
    return { name: `input${i}.bin`, data };
  });
  const fetch = metadata.outputs.map((_, i) => `output${i}.bin`);
  const trace = options.trace === true ? ["trace.bin"] : [];
  const list = (names: readonly string[]): string => names.join(",");
  const result = await runner.run({
    program,
    args: [
      ...["run", "--inputs", list(files.map((f) => f.name)), "--outputs", list(fetch)],
      ...["--samples", String(samples), "--threads", String(options.threads)],
      ...coreArguments(options),
      ...(trace.length > 0 ? ["--trace", ...trace] : []),
    ],
    files,
    fetch: [...fetch, ...trace],
    timeoutSeconds: options.timeoutSeconds,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const lines = programLines(result, runner.board);
  const outputs = new Map(
    metadata.outputs.map(({ name, shape, dtype }, i) => {
      const bytes = result.files.get(fetch[i] ?? "");
      const type = dtype ?? "f32";
      const whole = shapeOfSamples(shape, samples, bytes, type);
      return [name, { shape: whole, data: memory.read(type, bytes ?? new Uint8Array()) }] as const;
    }),
  );
  const traced = result.files.get("trace.bin");
  const ns = lines.reduce((sum, line) => sum + (line.kind === "run" ? line.ns : 0), 0);
  return { outputs, samples, ns, ...(traced === undefined ? {} : { trace: traced }) };
}

type Ports = readonly { readonly name: string; readonly shape: readonly number[] }[];

/** Number of samples, the same in every input. Throws R111. */
export function checkInputs(ports: Ports, inputs: ReadonlyMap<string, Values<TypedArray>>): number {
  const wants = ports.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ");
  const unknown = [...inputs.keys()].find((name) => !ports.some((port) => port.name === name));
  if (unknown !== undefined)
    throw wrongInput(`the network has no input \`${unknown}\``, `its inputs: ${wants}`);
  const counts = ports.map(({ name, shape }) => {
    const given = inputs.get(name);
    if (given === undefined)
      throw wrongInput(`the network's input \`${name}\` is not given`, `its inputs: ${wants}`);
    const samples = samplesIn(shape, given.shape);
    if (samples !== undefined) return samples;
    throw wrongInput(
      `input \`${name}\` has shape [${given.shape.join(", ")}], the network takes [${shape.join(", ")}]`,
      undefined,
    );
  });
  const [first = 1] = counts;
  if (counts.some((count) => count !== first)) {
    throw wrongInput(
      "the inputs hold different numbers of samples",
      ports.map((p, i) => `${p.name}: ${counts[i]}`).join(", "),
    );
  }
  return first;
}

/** How many samples of shape `wanted` lie in `given`; undefined when they do not fit. */
function samplesIn(wanted: readonly number[], given: readonly number[]): number | undefined {
  const [batch = 1, ...rest] = wanted;
  const [count = 1, ...tail] = given;
  if (wanted.length !== given.length || rest.some((d, i) => d !== tail[i])) return undefined;
  return count % batch === 0 && count > 0 ? count / batch : undefined;
}

/** The shape of so many samples of an output, of which there must be so many bytes. */
function shapeOfSamples(
  shape: readonly number[],
  samples: number,
  bytes: Uint8Array | undefined,
  type: PortType,
): readonly number[] {
  const [batch = 1, ...rest] = shape;
  const whole = shape.length === 0 ? [] : [batch * samples, ...rest];
  const count = whole.reduce((a, b) => a * b, 1);
  invariant(
    bytes?.length === count * portBytes(type),
    `an output of ${count} numbers of ${type} came back as ${bytes?.length} bytes`,
  );
  return whole;
}

function wrongInput(title: string, why: string | undefined): UserError {
  return new UserError({
    code: "R111",
    exit: "badInput",
    title,
    ...(why === undefined ? {} : { why }),
    help: ["--input NAME=FILE gives one input, --input FILE.npz all of them by name"],
  });
}
