import { availableParallelism } from "node:os";
import type { Graph } from "../../graph/graph.ts";
import type { Target } from "../../machine/target.schema.ts";
import { contentKey } from "../../support/stable.ts";
import type { NetworkRequest } from "../build-network.ts";
import { readDecisions } from "../decide/decisions-file.ts";
import { type Network, readNetwork } from "../read-network.ts";
import { recordedDecisions } from "../tune/recorded-decisions.ts";
import { readTuneLog } from "../tune/tune-record.ts";
import { layerGraph } from "./layer-graph.ts";
import type { NetworkSubject, TestCase } from "./test-cases.ts";

/** The network that a case is about. Throws F codes. */
export async function networkOf(subject: NetworkSubject, seed: number): Promise<Network> {
  if (subject.kind === "model") return readNetwork({ ...subject.reading, model: subject.model }, () => {});
  return { graph: layerGraph(subject.layer, seed), sha256: contentKey({ layer: subject.layer, seed }) };
}

/** What is asked of the compiler for a case. Throws C331 to C338, R151 and R152 for decisions and records. */
export async function requestOf(
  { decisions: file, records, numerics }: TestCase,
  graph: Graph,
  target: Target,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<NetworkRequest> {
  const request: NetworkRequest = {
    jobs: availableParallelism(),
    dumpIr: undefined,
    numerics,
    signal,
    ...(file !== undefined && { decisions: readDecisions(file) }),
  };
  if (records.length === 0) return request;
  const lines = (await Promise.all(records.map((log) => readTuneLog(log, note)))).flat();
  const { decisions } = await recordedDecisions(graph, target, request, lines);
  return { ...request, decisions };
}
