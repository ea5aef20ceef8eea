import { type Finding, failedAt, judgeBoard } from "../../device/doctor.ts";
import { type OpenBoardOptions, openBoard } from "../../device/open-board.ts";
import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { runCase } from "../test/run-case.ts";
import { layersSchema } from "../test/suite.schema.ts";

/**
 * Finds out whether a board can be reached and used, hop by hop; what cannot be reached ends the list. Last a small
 * convolution is compiled, run there and compared.
 */
export async function examineBoard(
  board: string,
  target: Target | undefined,
  options: OpenBoardOptions & { readonly signal: AbortSignal; readonly note: (text: string) => void },
): Promise<readonly Finding[]> {
  let opened: Awaited<ReturnType<typeof openBoard>>;
  try {
    opened = await openBoard(board, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof UserError) return failedAt(error.diagnostic);
    throw error;
  }
  const { runner } = opened;
  try {
    const facts = (await runner.readFacts?.()) ?? { compatible: [], cores: [], features: [], sensors: [] };
    const state = (await runner.readState?.()) ?? { coreStates: [], zones: [] };
    const found = judgeBoard(facts, state, target);
    const tried = target ?? opened.target;
    if (tried === undefined || found.some(({ verdict }) => verdict === "fail")) return found;
    return [...found, await tryKernel(runner, tried, options)];
  } finally {
    await runner.close();
  }
}

/** A grouped convolution that takes no time. */
const LAYER = { ic: 8, oc: 8, ih: 7, iw: 7, kh: 3, kw: 3, pad: 1, groups: 2 };

async function tryKernel(
  runner: Runner,
  target: Target,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (text: string) => void },
): Promise<Finding> {
  const [layer] = layersSchema.parse([LAYER]);
  const test = {
    ...{ name: "doctor", title: "doctor", subject: { kind: "layer", layer } as const, board: runner.board },
    ...{ threads: [1], inputs: ["random" as const], seed: 1, references: ["kernels" as const], tolerance: 1 },
    ...{ measure: [], numerics: "fast" as const, records: [] },
  };
  const result = await runCase(test, { runner, target, timeoutSeconds: 60, signal, note }, () => {});
  if (result.verdict === "right")
    return { hop: "kernel", verdict: "ok", says: `a small convolution for ${target.name} is right there` };
  if (result.error !== undefined)
    return {
      hop: "kernel",
      verdict: "fail",
      says: result.error.text.replaceAll(/\n\s*/g, "; "),
      exit: "runFailed",
    };
  return {
    ...{
      hop: "kernel",
      verdict: "fail",
      says: "a small convolution gives a wrong result there",
      exit: "wrongResult",
    },
    help: [`see where: tilewright test zoo:mobilenet-v1-G8@64 --board ${runner.board}`],
  };
}
