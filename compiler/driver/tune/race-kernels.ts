import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Runner } from "../../device/runner.ts";
import { pack } from "../../ir/storage.ts";
import { bytesOf } from "../../ir/typed-array.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { type BuiltBundle, buildBundle } from "../../toolchain/compile-bundle.ts";
import type { Toolchain } from "../../toolchain/toolchain.ts";
import { writeBundle } from "../bundle/emit-bundle-write.ts";
import { racingBundle } from "../bundle/kernel-bundle.ts";
import { packedInputs } from "../kernel/kernel-reference.ts";
import { coreArguments } from "../run/bench-arguments.ts";
import { type ProgramLine, programLines } from "../run/program-lines.ts";
import type { Outcome } from "./outcome.ts";
import type { TaskData } from "./task-data.ts";

/** Where kernels race, and how they get there. */
export interface RacePlace {
  readonly target: Target;
  readonly runner: Runner;
  readonly toolchain: Toolchain;
  readonly cacheDir: string;
  readonly threads: number;
  /** The cores that threads are tied to, one each; absent: whichever the board gives. */
  readonly cores?: readonly number[] | undefined;
  /** C compilers at a time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Seconds that building all kernels of a race may take; default 120. */
  readonly buildSeconds?: number;
}
/** How long kernels race. */
export interface Effort {
  readonly warmup: number;
  /** Turns; 0: results are checked, and nothing is timed. */
  readonly repeats: number;
  /** Percent of the reference's time after which a kernel takes no more turns. */
  readonly stop?: number;
  /** Seconds that a kernel may take for all of its turns; default 60. */
  readonly seconds?: number;
}

/**
 * Checks kernels that compute the same and times each in turns with the first, the reference. All go into one program, each
 * runs in a process of its own. What cannot be built, or ends the board's connection, is found by halves and told as the
 * outcome of that kernel; a reference that fails is thrown.
 */
export async function raceKernels(
  kernels: readonly [Kernel, ...Kernel[]],
  data: TaskData,
  place: RacePlace,
  effort: Effort,
): Promise<readonly Outcome[]> {
  try {
    return await raceAll(kernels, data, place, effort);
  } catch (error) {
    place.signal.throwIfAborted();
    const [reference, ...others] = kernels;
    const fault = faultOf(error);
    if (fault === undefined || others.length === 0) throw error;
    const [own] = await raceKernels([reference], data, place, effort);
    if (others.length === 1) return [own, fault];
    const half = Math.ceil(others.length / 2);
    const parts = [others.slice(0, half), others.slice(half)];
    const found: Outcome[] = [];
    for (const part of parts)
      found.push(...(await raceKernels([reference, ...part], data, place, effort)).slice(1));
    return [own, ...found];
  }
}

/** What a failure of a whole race says of the one kernel in it; undefined where it is none of a kernel's. */
function faultOf(error: unknown): Outcome | undefined {
  if (!(error instanceof UserError)) return undefined;
  const { exit, title } = error.diagnostic;
  if (exit === "buildFailed") return { outcome: "build", why: title };
  if (exit === "runFailed" || exit === "boardUnreachable") return { outcome: "lost", why: title };
  return undefined;
}

async function raceAll(
  kernels: readonly [Kernel, ...Kernel[]],
  { tensors, expected, bounds }: TaskData,
  place: RacePlace,
  { warmup, repeats, stop, seconds = 60 }: Effort,
): Promise<readonly Outcome[]> {
  const { target, runner, threads, signal } = place;
  const params = new Map(kernels.flatMap((kernel) => kernel.params.map((p) => [p.name, p])));
  const output = [...params.values()].find(({ role }) => role === "output");
  const weights = new Map(
    [...params.values()]
      .filter(({ role }) => role === "weight")
      .map(({ name }) => [name, tensors.get(name) ?? new Float32Array()]),
  );
  const folder = await mkdtemp(join(tmpdir(), "tilewright-race-"));
  try {
    await writeBundle(racingBundle("race", kernels, weights, target), folder);
    const { program } = await builtInTime(folder, place);
    const inputs = packedInputs({ kernel: { params: [...params.values()] } }, tensors);
    const files = [...inputs.values()].map((input, i) => ({
      name: `input${i}.bin`,
      data: bytesOf("f32", input.data),
    }));
    const none = new Float32Array();
    const expect = output === undefined ? none : pack(output.storage, expected);
    const within = output === undefined ? none : pack(output.storage, bounds, Number.POSITIVE_INFINITY);
    const result = await runner.run({
      program,
      args: [
        ...["race", "--inputs", files.map(({ name }) => name).join(",")],
        ...["--expect", "expect.bin", "--bounds", "bounds.bin", "--threads", String(threads)],
        ...["--warmup", String(warmup), "--repeats", String(repeats), "--seconds", String(seconds)],
        ...coreArguments(place),
        ...(stop === undefined ? [] : ["--stop", String(stop)]),
      ],
      files: [
        ...files,
        { name: "expect.bin", data: bytesOf("f32", expect) },
        { name: "bounds.bin", data: bytesOf("f32", within) },
      ],
      fetch: [],
      timeoutSeconds: seconds * (kernels.length + 1),
      signal,
    });
    const racers = programLines(result, runner.board).filter((line) => line.kind === "racer");
    return kernels.map((_, i) => outcomeOf(racers.find(({ index }) => index === i)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Builds the program, unless a C compiler is at it for too long. Throws R154 then, and what building throws. */
async function builtInTime(
  folder: string,
  { target, toolchain, cacheDir, jobs, signal, buildSeconds = 120 }: RacePlace,
): Promise<BuiltBundle> {
  const late = AbortSignal.timeout(buildSeconds * 1000);
  try {
    const both = AbortSignal.any([signal, late]);
    return await buildBundle(folder, target, { jobs, cacheDir, toolchain, signal: both });
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

type Racer = Extract<ProgramLine, { readonly kind: "racer" }>;

function outcomeOf(racer: Racer | undefined): Outcome {
  if (racer === undefined) return { outcome: "lost", why: "the program said nothing of it" };
  const { outcome, ns = [], reference = [], signal, at, found, expected, bound } = racer;
  switch (outcome) {
    case "ok":
      return { outcome, cost: { kind: "measured", ns, reference } };
    case "wrong":
      return { outcome, why: `number ${at} in memory is ${found}, expected ${expected} within ${bound}` };
    case "overrun":
      return { outcome, why: "it wrote outside of its buffers" };
    case "crashed":
      return { outcome, why: `it was killed by signal ${signal}` };
    case "timeout":
      return { outcome, why: "it took too long" };
    case "memory":
      return { outcome, why: "the board has no memory for its buffers" };
  }
}
