import { describe, expect, it } from "vitest";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { type PlanOptions, planNetwork } from "../../compiler/graph/plan-network.ts";
import { type GraphBuilder, graphBuilder, RELU } from "./graph-builder.ts";

const PADS = [1, 1, 1, 1] as const;

function plan(build: (g: GraphBuilder, x: string) => string, options?: PlanOptions): Plan {
  const g = graphBuilder();
  return planNetwork(optimizeGraph(g.finish([build(g, g.input([1, 8, 12, 12]))])), 4, options);
}

/** Expands channels, goes over them with windows, projects them, and adds what there was. */
function inverted(g: GraphBuilder, x: string, clamped = true): string {
  const expanded = g.conv(x, { oc: 32, kernel: 1 });
  const inside = clamped ? g.clamp(expanded, RELU) : expanded;
  const windows = g.conv(inside, { oc: 32, kernel: 3, pads: PADS, groups: 32 });
  return g.add(g.conv(windows, { oc: 8, kernel: 1 }), x);
}

function fills({ steps }: Plan): readonly string[] {
  return steps.filter(({ task }) => task.op === "fill-halo").map(({ name }) => name);
}

/** Where what has a border lies, by the step that writes it. */
function places({ steps }: Plan, op: string): ReadonlySet<string> {
  const written = steps.filter(({ task }) => task.op === op && task.dims.OC === 32 && task.dims.KH === 1);
  return new Set(written.map(({ args }) => JSON.stringify(args.y)));
}

describe("borders that stay filled", () => {
  it("are filled once for equal maps that follow each other in one memory, which is no larger for it", () => {
    const three = (g: GraphBuilder, x: string): string => inverted(g, inverted(g, inverted(g, x)));
    const p = plan(three);
    expect(fills(p)).toHaveLength(1);
    expect(places(p, "conv2d").size).toBe(1);
    let least = 0;
    plan(three, { onMemory: ({ lowerBound }) => (least = lowerBound) });
    expect(p.arenaBytes).toBe(least);
  });

  it("are filled again behind more steps than one, as the memory is used in between", () => {
    const p = plan((g, x) => {
      const y = g.conv(g.conv(inverted(g, x), { oc: 12, kernel: 1 }), { oc: 8, kernel: 1 });
      return inverted(g, y);
    });
    expect(fills(p)).toHaveLength(2);
  });

  it("are filled again where they hold another number, or are of another size", () => {
    const lowest = plan((g, x) => {
      const pooled = g.maxPool(g.conv(inverted(g, x, false), { oc: 32, kernel: 1 }), {
        kernel: 3,
        pads: PADS,
      });
      return g.conv(pooled, { oc: 8, kernel: 1 });
    });
    expect(fills(lowest)).toHaveLength(2);
    const wider = plan((g, x) => {
      const y = g.conv(inverted(g, x), { oc: 32, kernel: 1 });
      return g.conv(y, { oc: 8, kernel: 5, pads: [2, 2, 2, 2] });
    });
    expect(fills(wider)).toHaveLength(2);
  });

  it("are filled again of the whole that a part of a join lies in, though the part has the same border", () => {
    const joined = (g: GraphBuilder, x: string): string => {
      const small = g.conv(g.clamp(g.conv(x, { oc: 16, kernel: 1 }), RELU), { oc: 8, kernel: 3, pads: PADS });
      const a = g.conv(small, { oc: 16, kernel: 1 });
      const b = g.conv(a, { oc: 48, kernel: 3, pads: PADS });
      return g.conv(g.conv(g.concat([a, b], 1), { oc: 8, kernel: 1 }), { oc: 8, kernel: 1 });
    };
    const p = plan(joined, { algorithms: { registers: 28, numerics: "fast" } });
    expect(fills(p)).toHaveLength(2);
    expect(
      new Set(p.steps.flatMap(({ task, args }) => (task.op === "fill-halo" ? [JSON.stringify(args.y)] : [])))
        .size,
    ).toBe(2);
    let least = 0;
    plan(joined, {
      algorithms: { registers: 28, numerics: "fast" },
      onMemory: ({ lowerBound }) => (least = lowerBound),
    });
    expect(p.arenaBytes).toBeGreaterThanOrEqual(least);
  });

  it("are filled again where both maps live at a time", () => {
    const p = plan((g, x) => {
      const [a, b] = [0, 1].map(() => g.conv(x, { oc: 32, kernel: 1 }));
      const over = (y: string): string => g.conv(y, { oc: 32, kernel: 3, pads: PADS, groups: 32 });
      return g.add(over(a), g.add(over(b), over(a)));
    });
    expect(fills(p)).toHaveLength(2);
  });

  it("are filled again where a writer hangs over the map, into its border", () => {
    const chain = (g: GraphBuilder, x: string): string =>
      [1, 2, 3, 4].reduce(
        (y) => g.conv(y, { oc: 32, kernel: 3, pads: PADS }),
        g.conv(x, { oc: 32, kernel: 1 }),
      );
    const exact = fills(plan(chain));
    const wishes = { registers: 28, numerics: "fast" } as const;
    const hanging = fills(
      plan(chain, {
        algorithms: wishes,
        decide: (_, all) => all.find(({ algorithm }) => /5/.test(algorithm))?.algorithm,
      }),
    );
    expect(exact.length).toBeLessThan(4);
    expect(hanging).toHaveLength(4);
  });
});
