import type { Graph } from "../../graph/graph.ts";
import { assertNever } from "../../support/assert.ts";
import { makeRng, type Rng } from "../../support/rng.ts";
import { inputPorts } from "../run/held-values.ts";
import { readInputs } from "../run/network-files.ts";
import { checkInputs, type Values } from "../run/run-network.ts";
import { filledInputs } from "../run/verify-network.ts";
import type { InputWish } from "./suite.schema.ts";
import type { InputKind } from "./suite-words.ts";

/** Inputs of a network, and what results call them. */
export interface TestInputs {
  readonly name: string;
  readonly values: ReadonlyMap<string, Values>;
}

/** Contents for inputs of which only the shapes are known, or those of files. Throws R111 to R114 for files that do not fit. */
export async function testInputs(graph: Graph, wish: InputWish, seed: number): Promise<TestInputs> {
  if (typeof wish === "string") {
    const rng = makeRng(seed);
    return { name: wish, values: filledInputs(graph, (i) => number(wish, i, rng)) };
  }
  const ports = inputPorts(graph);
  const values = await readInputs(wish.files, ports);
  checkInputs(ports, values);
  return { name: wish.files.join(","), values };
}

/** Of every kind of input, the value of element `i`. */
function number(kind: InputKind, i: number, rng: Rng): number {
  switch (kind) {
    case "random":
      return rng.normal();
    case "ones":
      return 1;
    case "ramp":
      // no power of two: neighbours along every dimension differ
      return ((i % 251) - 125) / 64;
    case "huge":
      return rng.normal() * 1e30;
    case "tiny":
      return rng.normal() * 1e-40;
    case "special":
      return SPECIAL[rng.int(64)] ?? rng.normal();
    default:
      return assertNever(kind);
  }
}

/** One element in sixteen or so. */
const SPECIAL: readonly number[] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
