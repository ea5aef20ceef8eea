import type { GraphNode } from "../../graph/graph.ts";
import type { OnnxNode } from "./model.ts";

/**
 * What became of a node of the file. `compiled`: nodes were emitted for it. `folded`: it was computed. `inlined`: an If whose branch
 * stands in its place. `passed`: its result is another name of its input, or waits for the node that takes it over. `refused`: it
 * cannot be compiled. `behind`: it reads what a refused one computes, of a shape that nobody knows.
 */
export type Outcome = "compiled" | "folded" | "inlined" | "passed" | "refused" | "behind";

export interface NodeRecord {
  readonly node: OnnxNode;
  /** Unique in the network. */
  readonly name: string;
  readonly outcome: Outcome;
  readonly emitted: readonly GraphNode[];
  /** Why it is refused. */
  readonly why?: string;
}
