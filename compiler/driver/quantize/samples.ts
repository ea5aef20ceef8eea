import { elementCount, shapeOf } from "../../graph/extents.ts";
import type { Graph } from "../../graph/graph.ts";
import { inputPorts } from "../run/held-values.ts";
import { readInputs } from "../run/network-files.ts";
import { checkInputs } from "../run/run-network.ts";
import { randomInputs } from "../run/verify-network.ts";
import type { Sample } from "./quantize-network.ts";

/** Samples of a network's inputs: those of files, as `--input` names them, or so many random ones. Throws R111 to R117. */
export async function samplesOf(
  graph: Graph,
  files: readonly string[] | undefined,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<readonly Sample[]> {
  if (files === undefined) {
    return Array.from({ length: count }, (_, i) =>
      Object.fromEntries([...randomInputs(graph, seed + i)].map(([name, { data }]) => [name, data])),
    );
  }
  const ports = inputPorts(graph);
  const inputs = await readInputs(files, ports);
  const samples = checkInputs(ports, inputs);
  return Array.from({ length: samples }, (_, i) =>
    Object.fromEntries(
      [...inputs].map(([name, { data }]) => {
        const size = elementCount(shapeOf(graph, name));
        return [name, data.subarray(i * size, (i + 1) * size)];
      }),
    ),
  );
}
