import { describe, expect, it } from "vitest";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import type { Plan, Step } from "../../compiler/graph/plan.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { type GraphBuilder, graphBuilder } from "./graph-builder.ts";

const SHAPE = [1, 8, 6, 6];

function plan(build: (g: GraphBuilder, x: string) => string): Plan {
  const g = graphBuilder();
  return planNetwork(optimizeGraph(g.finish([build(g, g.input(SHAPE))])), 4);
}

function stepOf({ steps }: Plan, op: string): Step {
  const found = steps.findLast(({ task }) => task.op === op);
  if (found === undefined) throw new Error(`no ${op}`);
  return found;
}

const gate = (g: GraphBuilder, x: string): string => g.conv(g.globalAvgPool(x), { oc: 8, kernel: 1 });

describe("a step writes where it reads for the last time", () => {
  it("as a product with gates does", () => {
    const p = plan((g, input) => {
      const x = g.conv(input, { oc: 8, kernel: 1 });
      return g.conv(g.mul(x, gate(g, x)), { oc: 8, kernel: 1 });
    });
    const { args, task } = stepOf(p, "mul");
    expect(task.inPlace).toBe("a");
    expect(args.y).toEqual(args.a);
  });

  it("as a convolution does whose residual it is, of plain sums", () => {
    const p = plan((g, input) => {
      const x = g.conv(input, { oc: 8, kernel: 1 });
      const y = g.conv(g.conv(x, { oc: 8, kernel: 1 }), { oc: 8, kernel: 1 });
      return g.conv(g.add(y, x), { oc: 8, kernel: 1 });
    });
    const residual = p.steps.find(({ task }) => task.inPlace !== undefined);
    expect(residual?.task.inPlace).toBe("r");
    expect(residual?.args.y).toEqual(residual?.args.r);
  });

  it("but not where that is read again, or lies otherwise", () => {
    const again = plan((g, input) => {
      const x = g.conv(input, { oc: 8, kernel: 1 });
      const y = g.conv(g.mul(x, gate(g, x)), { oc: 8, kernel: 3, pads: [1, 1, 1, 1] });
      return g.conv(g.mul(y, x), { oc: 8, kernel: 1 });
    });
    const [first, second] = again.steps.filter(({ task }) => task.op === "mul");
    expect([first.task.inPlace, second.task.inPlace]).toEqual([undefined, "a"]);
    const twice = plan((g, input) => {
      const x = g.conv(input, { oc: 8, kernel: 1 });
      return g.conv(g.mul(x, x), { oc: 8, kernel: 1 });
    });
    expect(stepOf(twice, "mul").task.inPlace).toBeUndefined();
  });

  it("and its kernel's pointers may be the same", () => {
    const p = plan((g, input) => {
      const x = g.conv(input, { oc: 8, kernel: 1 });
      return g.conv(g.mul(x, gate(g, x)), { oc: 8, kernel: 1 });
    });
    const { task } = stepOf(p, "mul");
    const kernel = compileTask(task, loadTarget("qemu-rpi4"));
    expect(kernel.prototype).toMatch(/\(const float \*a, const float \*restrict b, float \*y, /);
  });
});
