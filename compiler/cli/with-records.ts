import type { PlanRequest } from "../driver/decide/decided-plan.ts";
import type { KernelCycles } from "../driver/decide/model-kernel.ts";
import type { Network } from "../driver/read-network.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Terminal } from "./terminal.ts";

/** In place of a log: no records at all, or those of the other logs alone. */
export const NO_RECORDS = "none";
const SHIPPED = "the records that come with Tilewright";

export interface RecordValues {
  readonly records?: readonly string[] | undefined;
  readonly target: Target;
  readonly board?: string | undefined;
}

/**
 * The request with what records say of the layers that nothing else decides: those of the logs that are named, of `board` first; then
 * those that come with Tilewright, unless kernels are searched anyway. Throws R151, R152.
 */
export async function withRecords<R extends PlanRequest & { readonly cycles?: KernelCycles }>(
  { graph }: Pick<Network, "graph">,
  { records: files = [], target, board }: RecordValues,
  request: R,
  { note }: Pick<Terminal, "note">,
): Promise<R> {
  const logs = files.filter((file) => file !== NO_RECORDS);
  let decided = request;
  if (logs.length > 0) {
    const { readTuneLog } = await import("../driver/tune/tune-record.ts");
    const { recordedDecisions, recordNotes } = await import("../driver/tune/recorded-decisions.ts");
    const lines = (await Promise.all(logs.map((file) => readTuneLog(file, note)))).flat();
    const recorded = await recordedDecisions(graph, target, request, lines, board);
    for (const text of recordNotes(recorded)) note(text);
    note(`${recorded.taken} of ${recorded.steps} layers as recorded in ${logs.join(", ")}`);
    decided = { ...request, decisions: recorded.decisions };
  }
  if (logs.length < files.length || request.cycles !== undefined) return decided;
  const { shippedDecisions } = await import("../driver/tune/shipped-decisions.ts");
  const shipped = await shippedDecisions(graph, target, decided);
  if (shipped === undefined) return decided;
  const { taken, steps, leftOut, decisions } = shipped;
  if (leftOut.size > 0)
    note(`${leftOut.size} of ${SHIPPED} are left out: other kernels are made of them now`);
  if (taken > 0) note(`${taken} of ${steps} layers by ${SHIPPED} (without them: --records ${NO_RECORDS})`);
  return taken > 0 ? { ...decided, decisions } : decided;
}
