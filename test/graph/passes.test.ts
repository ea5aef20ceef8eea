import { describe, expect, it } from "vitest";
import { type Graph, type GraphNode, NO_CLAMP, type NodeKind } from "../../compiler/graph/graph.ts";
import { GRAPH_PASSES, optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { foldBatchNorm } from "../../compiler/graph/passes/fold-batch-norm.ts";
import { foldConstants } from "../../compiler/graph/passes/fold-constants.ts";
import { fuseActivation } from "../../compiler/graph/passes/fuse-activation.ts";
import { fuseClamp } from "../../compiler/graph/passes/fuse-clamp.ts";
import { fuseGlobalPool } from "../../compiler/graph/passes/fuse-global-pool.ts";
import { fuseResidual } from "../../compiler/graph/passes/fuse-residual.ts";
import { growConcats } from "../../compiler/graph/passes/grow-concats.ts";
import { joinSlices } from "../../compiler/graph/passes/join-slices.ts";
import { lowerBatchNorm } from "../../compiler/graph/passes/lower-batch-norm.ts";
import { mergeBatchNorms } from "../../compiler/graph/passes/merge-batch-norms.ts";
import { pushBatchNormThroughClamp } from "../../compiler/graph/passes/push-batch-norm-through-clamp.ts";
import { pushClampThroughConcat } from "../../compiler/graph/passes/push-clamp-through-concat.ts";
import { readersTogether } from "../../compiler/graph/passes/readers-together.ts";
import { removeDead } from "../../compiler/graph/passes/remove-dead.ts";
import { removeRedundantClamps } from "../../compiler/graph/passes/remove-redundant-clamps.ts";
import { simplifyReshapes } from "../../compiler/graph/passes/simplify-reshapes.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { outputsApart } from "../verify/differences.ts";
import { type GraphBuilder, graphBuilder, RELU, randomInputs } from "./graph-builder.ts";

const kinds = (graph: Graph): NodeKind[] => graph.nodes.map(({ op }) => op.kind);

/** Both graphs compute the same outputs. */
function expectSame(before: Graph, after: Graph): void {
  const inputs = randomInputs(before, makeRng(9));
  expect(outputsApart(before, after, inputs)).toEqual([]);
}

describe("readers of one tensor", () => {
  const branches = (oc: number): Graph => {
    const g = graphBuilder();
    const x = g.clamp(g.input([1, 16, 5, 5]), RELU);
    const first = g.conv(g.conv(x, { oc: 4, kernel: 1 }), { oc: 8 });
    return g.finish([g.concat([first, g.conv(x, { oc, kernel: 1 })], 1)]);
  };

  it("run one after another where the later leaves less than a quarter of what it reads", () => {
    const before = branches(4);
    const after = readersTogether(before);
    expect(after.nodes.map(({ name }) => name)).toEqual([0, 1, 3, 2, 4].map((at) => before.nodes[at].name));
    expectSame(before, after);
  });

  it("stay where they are when they leave more, or wait for an operand", () => {
    const large = branches(8);
    expect(readersTogether(large)).toBe(large);
    const fused = fuseResidual(residualOfOneInput());
    expect(readersTogether(fused)).toBe(fused);
  });

  const residualOfOneInput = (): Graph => {
    const g = graphBuilder();
    const x = g.clamp(g.input([1, 16, 5, 5]), RELU);
    const first = g.conv(g.conv(x, { oc: 4, kernel: 1 }), { oc: 4 });
    return g.finish([g.add(first, g.conv(x, { oc: 4, kernel: 1 }))]);
  };

  it("become the residual of what is computed last", () => {
    const [, , second, last] = fuseResidual(readersTogether(residualOfOneInput())).nodes;
    expect(last.inputs).toContain(second.output);
  });
});

describe("folding batch norm", () => {
  it("goes into the weights and bias of a convolution and of a dense layer", () => {
    const g = graphBuilder();
    const conv = g.batchNorm(g.conv(g.input([1, 4, 5, 5]), { oc: 6, groups: 2, bias: false }));
    const dense = g.batchNorm(g.dense(g.reshape(conv, [1, 54]), 7));
    const before = g.finish([dense]);
    const after = foldBatchNorm(before);
    expect(kinds(after)).toEqual(["conv2d", "reshape", "dense"]);
    expect(after.nodes[0].inputs).toHaveLength(3);
    expectSame(before, after);
  });

  it("leaves it where the convolution's own result is read too, and makes it a 1x1 depthwise convolution", () => {
    const g = graphBuilder();
    const conv = g.conv(g.input([1, 4, 5, 5]), { oc: 4, kernel: 1 });
    const before = g.finish([g.add(g.batchNorm(conv), conv)]);
    expect(foldBatchNorm(before)).toBe(before);
    const after = lowerBatchNorm(before);
    expect(kinds(after)).toEqual(["conv2d", "conv2d", "add"]);
    expectSame(before, after);
  });

  it("reshapes tensors that are no images for the 1x1 convolution", () => {
    const g = graphBuilder();
    const before = g.finish([g.batchNorm(g.input([2, 6])), g.batchNorm(g.input([1, 3, 5]))]);
    const after = lowerBatchNorm(before);
    expect(kinds(after)).toEqual(["reshape", "conv2d", "reshape", "reshape", "conv2d", "reshape"]);
    expectSame(before, after);
  });
});

describe("fusing clamps", () => {
  it("goes into convolution, dense and add, and joins clamps", () => {
    const g = graphBuilder();
    const conv = g.clamp(g.clamp(g.conv(g.input([1, 4, 5, 5]), { oc: 4 })), { lo: -1, hi: 0.25 });
    const sum = g.clamp(g.add(conv, g.maxPool(g.input([1, 4, 3, 3]), { kernel: 1 })));
    const before = g.finish([g.clamp(g.dense(g.reshape(sum, [1, 36]), 3))]);
    const after = fuseClamp(before);
    expect(kinds(after)).toEqual(["conv2d", "pool", "add", "reshape", "dense"]);
    expect(after.nodes[0].op).toMatchObject({ clamp: { lo: 0, hi: 0.25 } });
    expectSame(before, after);
  });

  it("stays where the value before it is an output or has other readers", () => {
    const g = graphBuilder();
    const conv = g.conv(g.input([1, 4, 5, 5]), { oc: 4 });
    const before = g.finish([conv, g.clamp(conv)]);
    expect(fuseClamp(before)).toBe(before);
  });

  it("moves from a concat to its parts", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const parts = [g.conv(x, { oc: 4 }), g.conv(x, { oc: 8 })];
    const before = g.finish([g.clamp(g.concat(parts, 1))]);
    const after = fuseClamp(pushClampThroughConcat(before));
    expect(kinds(after)).toEqual(["conv2d", "conv2d", "concat"]);
    expectSame(before, after);
  });

  it("goes where the values cannot leave its bounds", () => {
    const g = graphBuilder();
    const once = g.clamp(g.conv(g.input([1, 4, 5, 5]), { oc: 4 }));
    const pooled = g.avgPool(g.maxPool(once, { kernel: 2, pads: [1, 1, 1, 1] }), { kernel: 2 });
    const before = g.finish([g.conv(g.clamp(pooled), { oc: 2 })]);
    const after = removeRedundantClamps(before);
    expect(kinds(after)).toEqual(["conv2d", "clamp", "pool", "pool", "conv2d"]);
    expectSame(before, after);
  });
});

describe("fusing activations", () => {
  it("goes into convolution, dense and add, with the clamp behind it", () => {
    const g = graphBuilder();
    const conv = g.activation(g.conv(g.input([1, 4, 5, 5]), { oc: 4 }), "silu", 1);
    const sum = g.clamp(g.activation(g.add(conv, g.input([1, 4, 3, 3])), "tanh"), { lo: -0.5, hi: 0.5 });
    const before = g.finish([g.activation(g.dense(g.reshape(sum, [1, 36]), 3), "leaky-relu", 0.1)]);
    const after = fuseClamp(fuseActivation(before));
    expect(kinds(after)).toEqual(["conv2d", "add", "reshape", "dense"]);
    expect(after.nodes[1].op).toMatchObject({ activation: { fn: "tanh" }, clamp: { lo: -0.5, hi: 0.5 } });
    expectSame(before, after);
  });

  it("stays behind a clamp, another activation and a value that is read elsewhere", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const clamped = g.activation(g.clamp(g.conv(x, { oc: 4 })), "sigmoid");
    const twice = g.activation(g.activation(g.conv(x, { oc: 4 }), "elu", 1), "hard-swish", 1 / 6, 0.5);
    const conv = g.conv(x, { oc: 4 });
    const before = g.finish([clamped, twice, conv, g.activation(conv, "mish")]);
    const after = fuseClamp(fuseActivation(before));
    expect(kinds(after)).toEqual(["conv2d", "activation", "conv2d", "activation", "conv2d", "activation"]);
    expectSame(before, after);
  });

  it("keeps batch norms and residuals behind it out of the convolution", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const conv = g.activation(g.conv(x, { oc: 4, pads: [1, 1, 1, 1] }), "gelu");
    const normed = g.batchNorm(g.activation(g.conv(x, { oc: 4, pads: [1, 1, 1, 1] }), "silu", 1));
    const before = g.finish([g.activation(g.add(conv, normed), "softplus")]);
    const after = optimizeGraph(before);
    expect(kinds(after)).toEqual(["conv2d", "conv2d", "conv2d"]);
    expect(after.nodes.map(({ op }) => op.kind === "conv2d" && [op.activation?.fn, op.residual])).toEqual([
      ["gelu", false],
      ["silu", false],
      ["softplus", "before"],
    ]);
    expectSame(before, after);
  });

  it("moves from a concat to its parts", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const before = g.finish([g.activation(g.concat([g.conv(x, { oc: 4 }), g.conv(x, { oc: 8 })], 1), "erf")]);
    const after = optimizeGraph(before);
    expect(kinds(after)).toEqual(["conv2d", "conv2d", "concat"]);
    expectSame(before, after);
  });
});

describe("fusing PRelu", () => {
  it("gives slopes to convolutions, before and after residuals, and to dense layers", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const pads = [1, 1, 1, 1] as const;
    const a = g.prelu(g.batchNorm(g.conv(x, { oc: 4, pads, bias: false })));
    const b = g.add(g.prelu(g.conv(a, { oc: 4, groups: 4, pads, bias: false })), x);
    const c = g.prelu(g.add(g.conv(b, { oc: 4, groups: 2, pads }), a));
    const before = g.finish([g.clamp(g.prelu(g.dense(g.reshape(c, [1, 100]), 3)))]);
    const after = optimizeGraph(before);
    expect(kinds(after)).toEqual(["conv2d", "conv2d", "conv2d", "reshape", "dense"]);
    expect(after.nodes.map(({ op, inputs }) => ["slopes" in op && op.slopes, inputs.length])).toEqual([
      [true, 4],
      [true, 4],
      [true, 5],
      [false, 1],
      [true, 4],
    ]);
    expectSame(before, after);
  });

  it("stays behind a clamp, another activation and a pool", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const outputs = [
      g.prelu(g.clamp(g.conv(x, { oc: 4 }), { lo: -1, hi: 1 })),
      g.prelu(g.activation(g.conv(x, { oc: 4 }), "elu", 1)),
      g.prelu(g.maxPool(x, { kernel: 2 })),
    ];
    const before = g.finish(outputs);
    const after = optimizeGraph(before);
    expect(kinds(after).filter((kind) => kind === "prelu")).toHaveLength(3);
    expectSame(before, after);
  });
});

describe("batch norms in a row", () => {
  it("become one, or none where they undo each other", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const scaled = (from: string, factor: number): string => {
      const fill = (v: number): string => g.constant([4], new Float32Array(4).fill(v));
      const parameters = [fill(factor), fill(0), fill(0), fill(1)];
      return g.node({ kind: "batch-norm", epsilon: 0 }, [from, ...parameters], [1, 4, 5, 5]);
    };
    const none = g.clamp(scaled(scaled(x, 6), 1 / 6));
    const before = g.finish([none, g.batchNorm(g.batchNorm(x))]);
    const after = mergeBatchNorms(before);
    expect(kinds(after)).toEqual(["clamp", "batch-norm"]);
    expectSame(before, after);
  });
});

describe("batch norms behind clamps", () => {
  /** Numbers for each of four channels. */
  const norm = (g: GraphBuilder, from: string, scale: readonly number[], shift: number): string => {
    const fill = (v: readonly number[]): string => g.constant([4], Float32Array.from(v));
    const parameters = [scale, Array(4).fill(shift), Array(4).fill(0), Array(4).fill(1)].map(fill);
    return g.node({ kind: "batch-norm", epsilon: 0 }, [from, ...parameters], g.shape(from));
  };
  const all = (v: number): number[] => Array(4).fill(v);

  it("go into the convolution before, as a hard sigmoid's factor does", () => {
    const g = graphBuilder();
    const gate = norm(
      g,
      g.clamp(norm(g, g.conv(g.input([1, 3, 5, 5]), { oc: 4 }), all(1), 3), { lo: 0, hi: 6 }),
      all(1 / 6),
      0,
    );
    const shifted = norm(g, g.clamp(g.conv(g.input([1, 3, 5, 5]), { oc: 4 }), RELU), all(2), -0.5);
    const before = g.finish([gate, shifted]);
    const after = optimizeGraph(before);
    expect(kinds(after)).toEqual(["conv2d", "conv2d"]);
    expect(after.nodes.map(({ op }) => op.kind === "conv2d" && op.clamp)).toEqual([
      { lo: 0, hi: 1 },
      { lo: -0.5, hi: Number.POSITIVE_INFINITY },
    ]);
    expectSame(before, after);
  });

  it("stay where channels differ, values change places, something else reads them, or nothing takes them up", () => {
    const g = graphBuilder();
    const clamped = (): string => g.clamp(g.conv(g.input([1, 3, 5, 5]), { oc: 4 }), { lo: 0, hi: 6 });
    const read = clamped();
    const before = g.finish([
      norm(g, clamped(), [1, 2, 1, 1], 0),
      norm(g, clamped(), all(-1), 0),
      norm(g, clamped(), all(0), 1),
      norm(g, read, all(2), 0),
      read,
      norm(g, g.clamp(g.maxPool(g.input([1, 4, 5, 5]), { kernel: 2 }), RELU), all(2), 0),
    ]);
    expect(pushBatchNormThroughClamp(before)).toBe(before);
    expectSame(before, optimizeGraph(before));
  });
});

describe("fusing residual adds", () => {
  it("takes the convolution computed later, and the add's clamp", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const shortcut = g.conv(x, { oc: 4, kernel: 1 });
    const main = g.conv(x, { oc: 4, pads: [1, 1, 1, 1] });
    const before = fuseClamp(g.finish([g.clamp(g.add(main, shortcut))]));
    const after = fuseResidual(before);
    expect(kinds(after)).toEqual(["conv2d", "conv2d"]);
    expect(after.nodes[1].op).toMatchObject({ residual: "before", clamp: RELU });
    expect(after.nodes[1].inputs.at(-1)).toBe(shortcut);
    expectSame(before, after);
  });

  it("waits for a residual that is computed after the convolution", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const conv = g.conv(x, { oc: 4, pads: [1, 1, 1, 1] });
    const late = g.maxPool(g.clamp(x), { kernel: 3, pads: [1, 1, 1, 1] });
    const before = g.finish([g.add(conv, late)]);
    const after = fuseResidual(before);
    expect(kinds(after)).toEqual(["clamp", "pool", "conv2d"]);
    expectSame(before, after);
  });

  it("adds after the activation or clamp that is there already, when the sum is stored as it is", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const pads = [1, 1, 1, 1] as const;
    const first = g.add(x, g.activation(g.conv(x, { oc: 4, pads }), "silu", 1));
    const second = g.add(g.clamp(g.conv(first, { oc: 4, pads }), { lo: 0, hi: 1 }), first);
    const third = g.clamp(g.add(g.activation(g.conv(second, { oc: 4, pads }), "tanh"), second));
    const before = g.finish([third]);
    const after = optimizeGraph(before);
    expect(kinds(after)).toEqual(["conv2d", "conv2d", "conv2d", "add"]);
    expect(after.nodes.map(({ op }) => op.kind === "conv2d" && op.residual)).toEqual([
      "after",
      "after",
      false,
      false,
    ]);
    expectSame(before, after);
  });

  it("prefers a convolution without an activation, which takes the add's", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const plain = g.conv(x, { oc: 4, kernel: 1 });
    const active = g.clamp(g.conv(x, { oc: 4, pads: [1, 1, 1, 1] }));
    const before = g.finish([g.clamp(g.add(plain, active))]);
    const after = optimizeGraph(before);
    expect(after.nodes.map(({ op }) => op)).toMatchObject([
      { kind: "conv2d", residual: false, clamp: RELU },
      { kind: "conv2d", residual: "before", clamp: RELU },
    ]);
    expectSame(before, after);
  });

  it("leaves what stands behind the sum to a node of its own", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const fused = fuseResidual(fuseClamp(g.finish([g.add(g.clamp(g.conv(x, { oc: 4, kernel: 1 })), x)])));
    const [node] = fused.nodes;
    const more = (op: GraphNode["op"], extra: readonly string[] = []): Graph => ({
      ...fused,
      outputs: ["y"],
      nodes: [node, { name: "more", op, inputs: [node.output, ...extra], output: "y" }],
      tensors: new Map([
        ...fused.tensors,
        ["y", { name: "y", shape: [1, 4, 5, 5] }],
        ["slopes", { name: "slopes", shape: [4], data: Float32Array.of(0.5, 0.25, -1, 2) }],
      ]),
    });
    for (const before of [
      more({ kind: "clamp", clamp: { lo: 0, hi: 1 } }),
      more({ kind: "prelu" }, ["slopes"]),
      more({ kind: "activation", activation: { fn: "tanh", alpha: 0, beta: 0 }, clamp: NO_CLAMP }),
    ]) {
      const after = optimizeGraph(before);
      expect(after.nodes).toHaveLength(2);
      expectSame(before, after);
    }
  });

  it("leaves an add whose operands are read elsewhere or the same", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const twice = g.conv(x, { oc: 4, pads: [1, 1, 1, 1] });
    const before = g.finish([g.add(twice, twice)]);
    expect(fuseResidual(before)).toBe(before);
  });
});

describe("fusing global pools", () => {
  it("takes the sums of a dense 1x1 convolution as they come", () => {
    const g = graphBuilder();
    const x = g.input([1, 8, 5, 6]);
    const after = fuseGlobalPool(g.finish([g.globalAvgPool(g.conv(x, { oc: 16, kernel: 1 }))]));
    expect(after.nodes.map((n) => n.op)).toMatchObject([{ kind: "conv2d", globalPool: true }]);
    expect(after.tensors.get(after.outputs[0])?.shape).toEqual([1, 16, 1, 1]);
  });

  it("leaves larger kernels, groups, maps too large for one sum, and maps that are read elsewhere", () => {
    const g = graphBuilder();
    const x = g.input([1, 8, 5, 6]);
    const read = g.conv(x, { oc: 16, kernel: 1 });
    const outputs = [
      g.globalAvgPool(g.conv(g.input([1, 8, 33, 32]), { oc: 16, kernel: 1 })),
      g.globalAvgPool(g.conv(x, { oc: 16, kernel: 3 })),
      g.globalAvgPool(g.conv(x, { oc: 16, kernel: 1, groups: 2 })),
      g.globalAvgPool(read),
    ];
    const before = g.finish([...outputs, read]);
    expect(fuseGlobalPool(before).nodes.map((n) => n.op)).toEqual(before.nodes.map((n) => n.op));
  });
});

describe("slices that a concat puts side by side again", () => {
  it("are one slice, or the tensor itself", () => {
    const g = graphBuilder();
    const [x, y] = [g.input([1, 6, 3, 3]), g.input([1, 2, 3, 3])];
    const of = (start: number, length: number): string => g.slice(x, 1, start, length);
    const whole = g.concat([of(0, 2), of(2, 4), y], 1);
    const middle = g.concat([y, of(1, 2), of(3, 2)], 1);
    const apart = g.concat([of(2, 4), of(0, 2), g.slice(x, 2, 0, 3)], 1);
    const before = g.finish([whole, middle, apart]);
    const after = removeDead(joinSlices(before));
    const concats = after.nodes.filter(({ op }) => op.kind === "concat");
    expect(concats.map(({ inputs }) => inputs.length)).toEqual([2, 2, 3]);
    expect(concats[0].inputs).toEqual([x, y]);
    expect(after.nodes.filter(({ op }) => op.kind === "slice").map(({ op }) => op)).toEqual([
      { kind: "slice", axis: 1, start: 1 },
      { kind: "slice", axis: 1, start: 2 },
      { kind: "slice", axis: 1, start: 0 },
      { kind: "slice", axis: 2, start: 0 },
    ]);
    expectSame(before, after);
  });

  it("leave no concat where there is nothing else, but for a network output", () => {
    const g = graphBuilder();
    const x = g.input([1, 6, 3, 3]);
    const again = (): string => g.concat([g.slice(x, 1, 0, 3), g.slice(x, 1, 3, 3)], 1);
    const before = g.finish([g.clamp(again(), RELU), again()]);
    const after = removeDead(joinSlices(before));
    expect(kinds(after)).toEqual(["clamp", "concat"]);
    expectSame(before, after);
  });
});

describe("concats that grow", () => {
  it("begin with the longest list that was joined before, along the same axis", () => {
    const g = graphBuilder();
    const [a, b, c, d] = [0, 1, 2, 3].map(() => g.input([1, 2, 3, 3]));
    const two = g.concat([a, b], 1);
    const three = g.concat([a, b, c], 1);
    const four = g.concat([a, b, c, d], 1);
    const others = [g.concat([b, c], 1), g.concat([a, b, c], 2), g.concat([a, b], 0)];
    const before = g.finish([two, three, four, ...others]);
    const after = growConcats(before);
    expect(after.nodes.map(({ inputs }) => inputs)).toEqual([
      [a, b],
      [two, c],
      [three, d],
      [b, c],
      [a, b, c],
      [a, b],
    ]);
    expectSame(before, after);
  });

  it("are one where they join the same", () => {
    const g = graphBuilder();
    const [a, b] = [g.input([1, 2, 3, 3]), g.input([1, 2, 3, 3])];
    const [one, two] = [g.concat([a, b], 1), g.concat([a, b], 1)];
    const before = g.finish([g.add(one, two)]);
    const after = growConcats(before);
    expect(kinds(after)).toEqual(["concat", "add"]);
    expectSame(before, after);
    // A network output keeps its own.
    const outputs = g.finish([one, two]);
    expectSame(outputs, growConcats(outputs));
  });
});

describe("clearing up", () => {
  it("drops nodes and constants that reach no output", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    g.clamp(g.conv(x, { oc: 4 }));
    const before = g.finish([g.clamp(x)]);
    const after = removeDead(before);
    expect(kinds(after)).toEqual(["clamp"]);
    expect([...after.tensors.keys()]).toEqual(["input1", "clamp2_out"]);
  });

  it("transposes and reshapes constants now", () => {
    const g = graphBuilder();
    const weights = g.transpose(g.reshape(g.constant([6, 2, 2]), [6, 4]), [1, 0]);
    const x = g.input([3, 6]);
    const dense = { kind: "dense", bias: false, clamp: { lo: -9, hi: 9 } } as const;
    const before = g.finish([g.node(dense, [x, weights], [3, 4])]);
    const after = foldConstants(before);
    expect(kinds(after)).toEqual(["dense"]);
    expectSame(before, after);
  });

  it("joins reshapes and drops those that change nothing", () => {
    const g = graphBuilder();
    const twice = g.reshape(g.reshape(g.input([1, 4, 5, 5]), [1, 100]), [2, 50]);
    const same = g.transpose(g.reshape(twice, [2, 50]), [0, 1]);
    const before = g.finish([g.clamp(same)]);
    const after = removeDead(simplifyReshapes(before));
    expect(kinds(after)).toEqual(["reshape", "clamp"]);
    expectSame(before, after);
  });
});

describe("the passes in order", () => {
  it("leave one convolution of conv, batch norm, add and ReLU, and tell of each step", () => {
    const g = graphBuilder();
    const x = g.input([1, 4, 5, 5]);
    const conv = g.batchNorm(g.conv(x, { oc: 4, pads: [1, 1, 1, 1], bias: false }));
    const before = g.finish([g.clamp(g.add(conv, x))]);
    const told: string[] = [];
    const after = optimizeGraph(before, (name) => told.push(name));
    expect(kinds(after)).toEqual(["conv2d"]);
    expect(told).toEqual(GRAPH_PASSES.map(([name]) => name));
    expectSame(before, after);
  });
});
