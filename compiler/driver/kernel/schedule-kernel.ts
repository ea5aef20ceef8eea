import { join } from "node:path";
import type { Runner, Timing } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { inTemporaryFolder } from "../../support/temporary-folder.ts";
import { buildBundle, readMetadata } from "../../toolchain/compile-bundle.ts";
import { worstText } from "../../verify/compare.ts";
import { writeBundle } from "../bundle/emit-bundle-write.ts";
import { kernelBundle } from "../bundle/kernel-bundle.ts";
import { benchNetwork } from "../run/bench-network.ts";
import type { NetworkProgram } from "../run/network-program.ts";
import { runKernelAlone } from "../run/run-network.ts";
import type { Times } from "../run/statistics.ts";
import { checkOutputs, type KernelCheck, packedInputs, randomData, runInNode } from "./kernel-reference.ts";
import type { UserKernel } from "./user-kernel.ts";

export interface TryOptions {
  readonly seed: number;
  readonly warmup: number;
  readonly repeats: number;
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}
/** A kernel tried on a board. */
export interface KernelTrial {
  readonly board: string;
  readonly timing: Timing;
  readonly checks: readonly KernelCheck[];
  readonly times: Times;
}

/** A kernel alone on a board: its program, and how its results compare. */
export interface CheckedKernel {
  readonly network: NetworkProgram;
  readonly checks: readonly KernelCheck[];
}
export type CheckKernelOptions = Pick<TryOptions, "seed" | "threads" | "timeoutSeconds" | "signal">;

/**
 * Builds a kernel alone, runs it on a board with random data, compares with Node and times it. Throws R141 when
 * the results differ, before anything is timed.
 */
export async function tryKernel(
  user: UserKernel,
  target: Target,
  runner: Runner,
  options: TryOptions,
): Promise<KernelTrial> {
  return withKernel(user, target, runner, options, async ({ network, checks }) => {
    const wrong = checks.find(({ ok }) => !ok);
    if (wrong !== undefined) throw wrongKernel(user.name, runner.board, wrong);
    const { whole } = await benchNetwork(network, runner, options);
    return { board: runner.board, timing: runner.timing, checks, times: whole };
  });
}

/** Builds a kernel alone, runs it on a board with random data and compares with Node; its program is there for `use`. */
export async function withKernel<T>(
  user: UserKernel,
  target: Target,
  runner: Runner,
  { seed, threads, timeoutSeconds, ...options }: CheckKernelOptions,
  use: (checked: CheckedKernel) => Promise<T>,
): Promise<T> {
  const data = randomData(user, seed);
  const wanted = runInNode(user, data);
  return inTemporaryFolder("kernel", async (folder) => {
    const bundle = join(folder, "bundle");
    const weights = new Map(
      user.parsed.params.flatMap((p) =>
        p.role === "weight" ? [[p.name, data.get(p.name) ?? new Float32Array()] as const] : [],
      ),
    );
    await writeBundle(kernelBundle(user.name, user.kernel, weights, target), bundle);
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const { program } = await buildBundle(bundle, target, signal);
    const network = { program, metadata: await readMetadata(bundle) };
    const flat = {
      ...network,
      metadata: {
        ...network.metadata,
        inputs: network.metadata.inputs.map(asFlat),
        outputs: network.metadata.outputs.map(asFlat),
      },
    };
    const run = { threads, timeoutSeconds, ...signal };
    const { outputs } = await runKernelAlone(flat, runner, packedInputs(user, data), run);
    return await use({ network, checks: checkOutputs(user, outputs, data, wanted) });
  });
}

/** A port as so many floats. */
function asFlat<P extends { readonly shape: readonly number[] }>(port: P): P & { shape: number[] } {
  return { ...port, shape: [port.shape.reduce((a, b) => a * b, 1)] };
}

/** R141: the board's result is not Node's. */
export function wrongKernel(name: string, board: string, check: KernelCheck): UserError {
  const { output, badCount, count, worst } = check;
  return new UserError({
    code: "R141",
    exit: "wrongResult",
    title: `\`${name}\` computes something else on \`${board}\` than in Node`,
    where: `output \`${output}\``,
    why: `${badCount} of ${count} values are off by more than their rounding bounds${worstText(worst, (at) => `${output}[${at.join("][")}]`)}`,
    help: ["every step of a schedule keeps results: use --dump-ir DIR and report it, as this is a bug"],
  });
}
