import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { graphBuilder, randomInputs } from "../graph/graph-builder.ts";
import { amount } from "../support/amount.ts";
import { randomGraph } from "./random-graph.ts";

/** Where the outputs of a plan, and those of the network as written, are NaN when one element of the first input is. */
function expectSameNans(graph: Graph, lanes: number, at: number): void {
  const inputs = randomInputs(graph, makeRng(5));
  const first = inputs[graph.inputs[0]];
  first[at % first.length] = Number.NaN;
  const wanted = runReference(graph, inputs);
  const plan = planNetwork(optimizeGraph(graph), lanes);
  const run = simulatePlan(
    plan,
    graph.inputs.map((name) => inputs[name]),
  );
  graph.outputs.forEach((name, i) => {
    expect(nans(run.outputs[i]), `${name}, ${lanes} lanes`).toEqual(nans(wanted.get(name)));
  });
}

function nans(data: Float32Array | undefined): number[] {
  return [...(data ?? [])].flatMap((v, i) => (Number.isNaN(v) ? [i] : []));
}

describe("a NaN in an input of a plan carried out in Node", () => {
  it.each([
    [2, 3],
    [2, 4],
    [2, 12],
    [2, 20],
    [3, 5],
    [4, 3],
    [8, 2],
  ])("stays in its group: %i groups of %i channels", (groups, channels) => {
    for (const lanes of [4, 8, 16]) {
      const g = graphBuilder();
      const x = g.input([1, groups * channels, 5, 5]);
      const y = g.conv(x, { oc: groups * channels, groups, pads: [1, 1, 1, 1] });
      expectSameNans(g.finish([y]), lanes, 7);
    }
  });

  it("reaches what it reaches in the network as written, for random networks", () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(10_000),
        fc.constantFrom(4, 8, 16, 1),
        (seed, size, at, lanes) => expectSameNans(randomGraph(seed, size), lanes, at),
      ),
      { numRuns: Number(process.env.TILEWRIGHT_RUNS ?? amount(20, 200)), seed: 21 },
    );
  });
});
