import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Job } from "../../device/runner.ts";
import { convertNumber } from "../../ir/arithmetic.ts";
import { type DType, isInteger, type TypedArray } from "../../ir/dtype.ts";
import { pack } from "../../ir/storage.ts";
import { bytesOf, makeArray } from "../../ir/typed-array.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { contentKey, sha256 } from "../../support/stable.ts";
import { inTemporaryFolder } from "../../support/temporary-folder.ts";
import { type BuildOptions, buildBundle, compileObjects } from "../../toolchain/compile-bundle.ts";
import type { Toolchain } from "../../toolchain/toolchain.ts";
import { kernelFile } from "../bundle/emit-bundle.ts";
import { writeBundle } from "../bundle/emit-bundle-write.ts";
import { type KernelWeights, racingBundle } from "../bundle/kernel-bundle.ts";
import { packedInputs } from "../kernel/kernel-reference.ts";
import type { Failed } from "./outcome.ts";
import type { TaskData } from "./task-data.ts";

/** What programs of kernels are made with. */
export interface BuildPlace {
  readonly target: Target;
  readonly toolchain: Toolchain;
  readonly cacheDir: string;
  /** C compilers at a time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Seconds that building all kernels of a race may take; default 120. */
  readonly buildSeconds?: number;
}

/** What becomes of a kernel of a race: it runs, shares what another of equal object code is found to be, or was not built. */
export type Seat =
  | { readonly kind: "runs"; readonly layer: number }
  | { readonly kind: "twin"; readonly of: number }
  | { readonly kind: "failed"; readonly outcome: Failed };

export interface CompiledRace {
  /** Of each kernel. */
  readonly seats: readonly Seat[];
  /** Names each kernel's object code; undefined where there is none. */
  readonly codes: readonly (string | undefined)[];
}
/** A program of kernels that compute the same, one layer each, and the files it needs; layer 0 is the reference. */
export interface BuiltRace extends CompiledRace {
  readonly program: string;
  readonly files: Job["files"];
  /** Removes the program. */
  remove(): Promise<void>;
}

/**
 * Builds one program of kernels; of those whose object code is equal one goes into it. What cannot be built is found by
 * halves and left out; a reference that cannot be is thrown. Throws what building throws where no kernel is at fault.
 */
export async function buildRace(
  kernels: readonly [Kernel, ...Kernel[]],
  data: TaskData,
  place: BuildPlace,
): Promise<BuiltRace> {
  const folder = await mkdtemp(join(tmpdir(), "tilewright-race-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const params = new Map(kernels.flatMap((kernel) => kernel.params.map((p) => [p.name, p])));
    const weights = new Map(
      [...params.values()]
        .filter(({ role }) => role === "weight")
        .map(({ name }) => [name, data.tensors.get(name) ?? new Float32Array()]),
    );
    const { seats, codes } = await compileIn(folder, kernels, place);
    const seated = kernels.filter((_, i) => seats[i].kind === "runs");
    const bundle = await bundleIn(folder, seated, weights, place);
    const { program } = await inTime(place, (options) => buildBundle(bundle, place.target, options));
    return { program, files: filesOf([...params.values()], data), seats, codes, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Compiles the kernels of a race and links nothing. Throws what buildRace throws. */
export function compileRace(
  kernels: readonly [Kernel, ...Kernel[]],
  place: BuildPlace,
): Promise<CompiledRace> {
  return inTemporaryFolder("race", (folder) => compileIn(folder, kernels, place));
}

async function compileIn(
  folder: string,
  kernels: readonly [Kernel, ...Kernel[]],
  place: BuildPlace,
): Promise<CompiledRace> {
  // nothing large has to be written: weights are inputs here
  const keys = await codeKeys(kernels, (some) => bundleIn(folder, some, new Map(), place), place);
  const codes = keys.map((key) => (typeof key === "string" ? key : undefined));
  return { seats: seatsOf(keys), codes };
}

async function bundleIn(
  folder: string,
  kernels: readonly Kernel[],
  weights: KernelWeights,
  { target }: BuildPlace,
): Promise<string> {
  const bundle = join(folder, "bundle");
  await writeBundle(racingBundle("race", kernels, weights, target), bundle);
  return bundle;
}

/** Names what a kernel's object file holds, or says why there is none. */
type CodeKey = string | Failed;

/** Compiles kernels; after a failure by halves, as the C compiler stops everything at the first. */
async function codeKeys(
  kernels: readonly [Kernel, ...Kernel[]],
  bundleOf: (kernels: readonly Kernel[]) => Promise<string>,
  place: BuildPlace,
): Promise<readonly CodeKey[]> {
  const compiled = async (some: readonly Kernel[]): Promise<readonly string[]> => {
    const bundle = await bundleOf(some);
    const files = some.map(kernelFile);
    const objects = await inTime(place, (options) => compileObjects(bundle, place.target, files, options));
    return Promise.all(some.map((kernel, i) => codeKey(kernel, objects[i])));
  };
  const byHalves = async (some: readonly Kernel[]): Promise<readonly CodeKey[]> => {
    try {
      return await compiled(some);
    } catch (error) {
      const why = whyNotBuilt(error, place.signal);
      if (some.length === 1) return [{ outcome: "build", why }];
      const half = Math.ceil(some.length / 2);
      const first = await byHalves(some.slice(0, half));
      return [...first, ...(await byHalves(some.slice(half)))];
    }
  };
  try {
    return await compiled(kernels);
  } catch (error) {
    const [reference, ...others] = kernels;
    whyNotBuilt(error, place.signal);
    return [...(await compiled([reference])), ...(await byHalves(others))];
  }
}

/** Throws what is no fault of a kernel's. */
function whyNotBuilt(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (error instanceof UserError && error.diagnostic.exit === "buildFailed") return error.diagnostic.title;
  throw error;
}

/** Two kernels with the same are one but for their names, which are of one length. */
async function codeKey(kernel: Kernel, object: string): Promise<string> {
  const bytes = (await readFile(object)).toString("latin1");
  const { params, grid, steps, scratch } = kernel;
  const code = sha256(bytes.replaceAll(kernel.name, "?".repeat(kernel.name.length)));
  return contentKey({ code, params, grid, steps, scratch });
}

function seatsOf(keys: readonly CodeKey[]): readonly Seat[] {
  const first = new Map<string, number>();
  return keys.map((key, i) => {
    if (typeof key !== "string") return { kind: "failed", outcome: key };
    const of = first.get(key);
    if (of !== undefined) return { kind: "twin", of };
    const layer = first.size;
    first.set(key, i);
    return { kind: "runs", layer };
  });
}

/** Inputs, and what must come of them, as they lie in memory. */
function filesOf(params: Kernel["params"], { tensors, expected, bounds }: TaskData): Job["files"] {
  const inputs = packedInputs({ kernel: { params } }, tensors);
  const output = params.find(({ role }) => role === "output");
  const none = new Float32Array();
  const expect = output === undefined ? none : pack(output.storage, expected);
  const within = output === undefined ? none : pack(output.storage, bounds, Number.POSITIVE_INFINITY);
  const typeOf = (name: string): DType => params.find((p) => p.name === name)?.dtype ?? "f32";
  const wanted = output?.dtype ?? "f32";
  return [
    ...[...inputs].map(([name, { data }], i) => ({
      name: `input${i}.bin`,
      data: bytesOf(typeOf(name), data),
    })),
    { name: "expect.bin", data: bytesOf(wanted, numbersOf(wanted, expect)) },
    { name: "bounds.bin", data: bytesOf("f32", within) },
  ];
}

/** What a kernel in Node gives as numbers of its output's type: held between the least and the greatest of a whole one, 0 where nothing is written. */
function numbersOf(type: DType, floats: Float32Array): TypedArray {
  return isInteger(type)
    ? makeArray(type, floats.length).map((_, i) => convertNumber(type, floats[i]))
    : floats;
}

/** Builds something, unless a C compiler is at it for too long. Throws R154 then, and what building throws. */
async function inTime<T>(
  { toolchain, cacheDir, jobs, signal, buildSeconds = 120 }: BuildPlace,
  build: (options: BuildOptions) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(buildSeconds * 1000);
  try {
    return await build({ jobs, cacheDir, toolchain, signal: AbortSignal.any([signal, late]) });
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    throw new UserError(
      {
        code: "R154",
        exit: "buildFailed",
        title: `the C compiler took more than ${buildSeconds} s`,
        why: "it was stopped",
      },
      { cause: error },
    );
  }
}
