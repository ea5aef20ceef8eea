import { describe, expect, it } from "vitest";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { messageOf } from "../support/message.ts";
import { graphBuilder } from "./graph-builder.ts";

describe("networks that cannot be planned", () => {
  it("F402: a constant where an activation belongs", async () => {
    const g = graphBuilder();
    const graph = g.finish([g.add(g.input([1, 4, 5, 5]), g.constant([1, 4, 5, 5]))]);
    expect(await messageOf(() => planNetwork(graph, 4))).toBe(
      `error[F402]: \`add1\` (add) takes the constant \`const1\` for an activation
  why:   only the weights and bias of convolutions and dense layers may be constant
  help:  fold constants when exporting the model`,
    );
  });

  it("F402: weights that are computed", async () => {
    const g = graphBuilder();
    const conv = g.conv(g.input([1, 4, 5, 5]), { oc: 4, kernel: 1, bias: false });
    const graph = g.finish([conv]);
    const weights = g.input([4, 4, 1, 1]);
    const [node] = graph.nodes;
    const computed = { ...graph, nodes: [{ ...node, inputs: [node.inputs[0], weights] }] };
    expect(await messageOf(() => planNetwork(computed, 4))).toBe(
      `error[F402]: the weights \`input2\` of \`conv2d1\` (conv2d) are computed while the network runs
  why:   weights are packed when the network is compiled
  help:  fold constants when exporting the model`,
    );
  });

  it("F403: more memory than 32-bit addresses reach", async () => {
    const g = graphBuilder();
    const graph = g.finish([g.conv(g.input([1, 3, 9000, 9000]), { oc: 7, kernel: 1 })]);
    expect(await messageOf(() => planForTarget(graph, loadTarget("rpi2")))).toBe(
      `error[F403]: \`test\` is too large for addresses of 32 bits
  why:   its arena takes 2592000000 bytes; neon-v7 reaches 2147483647
  help:  compile for a 64-bit target, or give a smaller shape with --input-shape`,
    );
    expect(planForTarget(graph, loadTarget("rpi4")).plan.arenaBytes).toBeGreaterThan(2 ** 31);
  });
});
