import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Decisions, UNDECIDED } from "../../compiler/driver/decide/decisions.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import {
  type ConvOptions,
  type GraphBuilder,
  graphBuilder,
  RELU,
  randomInputs,
} from "../graph/graph-builder.ts";
import { anyKnobs } from "./any-knobs.ts";
import { runCompiled } from "./compare-runs.ts";
import { wrongResults } from "./wrong-results.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-gates-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A map that is squeezed and excited, then projected; the projection. */
function projected(g: GraphBuilder, shape: readonly number[], options: Partial<ConvOptions> = {}): string {
  const map = g.clamp(g.conv(g.input(shape), { oc: shape[1], groups: shape[1], kernel: 1 }), RELU);
  const gates = g.activation(g.conv(g.globalAvgPool(map), { oc: shape[1], kernel: 1 }), "sigmoid");
  return g.conv(g.mul(map, g.reshape(gates, [1, shape[1], 1, 1])), { oc: 16, kernel: 1, ...options });
}

const PROJECTIONS: readonly ((g: GraphBuilder) => readonly [conv: string, result: string])[] = [
  (g) => {
    const conv = projected(g, [1, 16, 9, 11]);
    return [conv, conv];
  },
  // a residual, and a function behind it
  (g) => {
    const conv = projected(g, [1, 24, 10, 6], { oc: 24, bias: false });
    return [conv, g.activation(g.add(conv, g.input([1, 24, 10, 6])), "hard-swish", 1 / 6, 0.5)];
  },
  (g) => {
    const conv = projected(g, [1, 8, 12, 12], { stride: 2 });
    return [conv, g.clamp(conv, RELU)];
  },
  // one block has all channels; a border around what is written
  (g) => {
    const conv = projected(g, [1, 32, 7, 13], { oc: 8 });
    return [conv, g.conv(conv, { oc: 8, groups: 8, kernel: 3, pads: [1, 1, 1, 1] })];
  },
  (g) => {
    const conv = projected(g, [1, 16, 16, 5], { oc: 40 });
    return [conv, conv];
  },
];

function network() {
  const g = graphBuilder(makeRng(8));
  const pairs = PROJECTIONS.map((make) => make(g));
  const algorithms = new Map(pairs.map(([conv]) => [conv.replace("_out", ""), "gated"]));
  const decisions: Decisions = { ...UNDECIDED, algorithms };
  return { graph: g.finish(pairs.map(([, result]) => result)), decisions };
}

test.each([
  ["host", undefined],
  ["qemu-rpi4", undefined],
  ["qemu-rpi3", anyKnobs(makeRng(5))],
  ["qemu-rpi4", anyKnobs(makeRng(6))],
  ["qemu-rpi2", undefined],
] as const)("weights times gates give what maps times gates do on %s", async (board, search) => {
  const { graph, decisions } = network();
  const inputs = randomInputs(graph, makeRng(4));
  // vectors of a host may have more lanes than these have channels
  const options = { ...(board !== "host" && { decisions }), ...(search && { search }) };
  const { plan, values } = await runCompiled(graph, board, join(folder, board), inputs, options);
  const wide = board === "host" ? 0 : PROJECTIONS.length;
  expect(plan.steps.filter(({ algorithm }) => algorithm === "gated").length).toBeGreaterThanOrEqual(wide);
  expect(await wrongResults(graph, inputs, { plan, values })).toEqual([]);
});
