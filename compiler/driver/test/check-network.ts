import type { Runner } from "../../device/runner.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Check, Failure } from "../../results/results.schema.ts";
import { namedNumber } from "../../support/named-numbers.ts";
import type { Element } from "../../verify/compare.ts";
import { undecidedOf } from "../../verify/undecided.ts";
import type { NetworkProgram } from "../run/network-program.ts";
import { type RunOptions, runNetwork, type Values } from "../run/run-network.ts";
import {
  compareWithReference,
  type TensorReport,
  type Traced,
  traceNetwork,
  type VerifyReport,
} from "../run/verify-network.ts";
import type { TestInputs } from "./test-inputs.ts";

/** A compiled network where it runs, and the model it was made of. */
export interface NetworkUnderTest {
  readonly graph: Graph;
  readonly network: NetworkProgram;
  readonly runner: Runner;
}
export interface CheckOptions extends Omit<RunOptions, "threads" | "trace"> {
  readonly threads: readonly number[];
  readonly tolerance: number;
}

/** What a network's results on a board are like: a check for each number of threads, and one for a second time. */
export interface NetworkChecks {
  readonly checks: readonly Check[];
  /** Of the first number of threads: every layer. */
  readonly report: VerifyReport;
}

/** How often the same input is run in one go, with another one in between. */
const ROUNDS = 4;

/**
 * Runs a network on one set of inputs. On the first number of threads each layer is compared with its kernel run as TypeScript
 * on the board's own tensors before it. Every other number of threads must give the same bits, as threads share work and no
 * arithmetic; and so must every time the same input comes again, as nothing may be left over from an inference before.
 */
export async function checkNetwork(
  { graph, network, runner }: NetworkUnderTest,
  { name, values }: TestInputs,
  { threads: [first, ...others], tolerance, ...run }: CheckOptions,
): Promise<NetworkChecks> {
  const trace = (threads: number): Promise<Traced> =>
    traceNetwork(network, runner, values, { ...run, threads });
  const compare = (traced: Traced): VerifyReport =>
    compareWithReference(graph, network, traced, values, runner.board, tolerance);
  const traced = await trace(first);
  const report = compare(traced);
  const checks = [checkOf(name, first, report)];
  for (const threads of others) {
    const again = await trace(threads);
    checks.push(checkOf(name, threads, isSame(traced, again) ? report : compare(again)));
  }
  const threads = Math.max(first, ...others);
  checks.push(await checkAgain({ network, runner }, { name, values }, traced, { ...run, threads }));
  return { checks, report };
}

/** The same input several times in one process, another one before the second: every time the same bits. */
async function checkAgain(
  { network, runner }: Pick<NetworkUnderTest, "network" | "runner">,
  { name, values }: TestInputs,
  { outputs: wanted }: Traced,
  options: RunOptions,
): Promise<Check> {
  const samples = new Map([...values].map(([input, { shape, data }]) => [input, severalOf(shape, data)]));
  const { outputs } = await runNetwork(network, runner, samples, options);
  const parts = { inputs: `${name}, again`, threads: options.threads, reference: "its first result" };
  for (const [output, { data }] of outputs) {
    const first = wanted.get(output)?.data ?? new Float32Array();
    for (let round = 0; round < ROUNDS; round++) {
      if (round === 1) continue;
      const part = data.subarray(round * first.length, (round + 1) * first.length);
      const at = part.findIndex((v, i) => !Object.is(v, first[i]));
      if (at < 0) continue;
      const element = {
        at: [at],
        actual: part[at],
        wanted: first[at],
        bound: 0,
        ofBound: Number.POSITIVE_INFINITY,
      };
      const badCount = part.reduce((n, v, i) => n + (Object.is(v, first[i]) ? 0 : 1), 0);
      const compared = {
        badCount,
        count: part.length,
        firstBad: element,
        worst: element,
        histogram: [part.length - badCount, badCount],
      };
      return { ...parts, ok: false, ofBound: "Infinity", failure: failureIn(output, compared) };
    }
  }
  return { ...parts, ok: true, ofBound: 0 };
}

/** The sample, the sample turned around, and the sample again. */
function severalOf(shape: readonly number[], data: Float32Array): Values {
  const [batch = 1, ...rest] = shape;
  const all = new Float32Array(data.length * ROUNDS);
  for (let round = 0; round < ROUNDS; round++) {
    all.set(round === 1 ? data.slice().reverse() : data, round * data.length);
  }
  return { shape: [batch * ROUNDS, ...rest], data: all };
}

/** Whether two runs gave the same bits, in every layer and output. */
function isSame(a: Traced, b: Traced): boolean {
  const equal = (x: Float32Array, y: Float32Array | undefined): boolean =>
    x.every((v, i) => Object.is(v, y?.[i]));
  return (
    [...a.tensors].every(([tensor, data]) => equal(data, b.tensors.get(tensor))) &&
    [...a.outputs].every(([output, { data }]) => equal(data, b.outputs.get(output)?.data))
  );
}

function checkOf(inputs: string, threads: number, report: VerifyReport): Check {
  const all = [...report.layers, ...report.outputs];
  const most = all.reduce((worst, { worst: element }) => Math.max(worst, element?.ofBound ?? 0), 0);
  const wrong = all.find(({ ok }) => !ok);
  return {
    ...{ inputs, threads, reference: "kernels", ok: report.ok, ofBound: namedNumber(most) },
    ...notCompared(all.map((of) => [of.layer ?? `output ${of.tensor}`, of])),
    ...(wrong !== undefined && { failure: failureIn(wrong.tensor, wrong, wrong) }),
  };
}

/** What a check says of values that were not compared: nothing where all were. */
export function notCompared(compared: Parameters<typeof undecidedOf>[0]): Pick<Check, "undecided"> {
  const found = undecidedOf(compared);
  return found === undefined ? {} : { undecided: { ...found, whole: [...found.whole] } };
}

/** What a comparison that failed says. */
export function failureIn(
  tensor: string,
  {
    badCount,
    count,
    firstBad,
    worst,
    histogram,
  }: Pick<TensorReport, "badCount" | "count" | "firstBad" | "worst" | "histogram">,
  { layer, op }: Pick<TensorReport, "layer" | "op"> = {},
): Failure {
  const nowhere = { at: [], actual: 0, wanted: 0, bound: 0, ofBound: 0 };
  return {
    tensor,
    ...(layer !== undefined && { layer }),
    ...(op !== undefined && { op }),
    ...{ badCount, count, histogram: [...histogram] },
    first: elementOf(firstBad ?? worst ?? nowhere),
    worst: elementOf(worst ?? nowhere),
  };
}

function elementOf({ at, actual, wanted, bound }: Element): Failure["first"] {
  return { at: [...at], actual: namedNumber(actual), wanted: namedNumber(wanted), bound: namedNumber(bound) };
}
