import { describe, expect, it } from "vitest";
import { findZooNetwork, type ZooOptions } from "../../compiler/frontend/zoo/index.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import type { Plan, Step } from "../../compiler/graph/plan.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { storageText } from "../../compiler/ir/storage.ts";
import { type GraphBuilder, graphBuilder } from "./graph-builder.ts";

const LANES = 4;

function plan(build: (g: GraphBuilder) => readonly string[], lanes = LANES): Plan {
  const g = graphBuilder();
  return planNetwork(optimizeGraph(g.finish(build(g))), lanes);
}

/** `name op: param storage, ...` */
function stepText({ name, task }: Step): string {
  const storages = Object.entries(task.storage).map(
    ([param, s]) => `${param}[${s.shape.join()}] ${storageText(s)}`,
  );
  return `${name} ${task.op}: ${storages.join("; ")}`;
}
const stepTexts = ({ steps }: Plan): string[] => steps.map(stepText);
const copies = ({ steps }: Plan): string[] =>
  steps.filter(({ task }) => task.op === "copy").map(({ name }) => name);

describe("borders", () => {
  it("are as wide as the widest reader wants, and filled after the producer", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 4, 6, 6]), { oc: 8, kernel: 1 });
      const narrow = g.conv(x, { oc: 8, kernel: 3, pads: [1, 1, 1, 1] });
      const wide = g.conv(x, { oc: 8, kernel: 5, pads: [2, 2, 2, 2] });
      return [g.add(narrow, wide)];
    });
    expect(stepTexts(p)).toEqual([
      "input1/repack copy: x[1,4,1,6,6] 0 1 2 3 4; y[1,4,1,6,6] 0 1/4 3 4 1%4 2",
      "conv2d1 conv2d: x[1,1,4,6,6] 0 1 2/4 3 4 2%4; y[1,1,8,6,6] 0 1 2/4 3+2,2 4+2,2 2%4",
      "conv2d1/halo fill-halo: y[1,8,10,10] 0 1/4 2 3 1%4",
      "conv2d2 conv2d: x[1,1,8,8,8] 0 1 2/4 3+1,1 4+1,1 2%4; y[1,1,8,6,6] 0 1 2/4 3 4 2%4",
      "conv2d3 conv2d: x[1,1,8,10,10] 0 1 2/4 3 4 2%4; r[1,1,8,6,6] 0 1 2/4 3 4 2%4; y[1,1,8,6,6] 0 1 2/4 3 4 2%4",
      "conv2d3/repack copy: x[1,8,1,6,6] 0 1/4 3 4 1%4 2; y[1,8,1,6,6] 0 1 2 3 4",
    ]);
  });

  it("leave out what the stride skips", () => {
    const p = plan((g) => [g.conv(g.input([1, 4, 8, 8]), { oc: 4, stride: 2, pads: [1, 1, 1, 1] })]);
    expect(p.steps[1].task.dims).toMatchObject({ T: 1, L: 1, B: 0, R: 0 });
    expect(p.steps[2].task.dims).toMatchObject({ IH: 9, IW: 9 });
  });

  it("of a maximum are lowest, unless the values are not negative; a convolution's zeros then need a copy", () => {
    const pool = { kernel: 3, pads: [1, 1, 1, 1] } as const;
    const conv = { oc: 4, pads: [1, 1, 1, 1] } as const;
    const values = (relu: boolean): number[] => {
      const p = plan((g) => {
        const x = g.conv(g.input([1, 4, 6, 6]), { oc: 4, kernel: 1 });
        const active = relu ? g.clamp(x) : x;
        return [g.add(g.maxPool(active, pool), g.conv(active, conv))];
      });
      return p.steps.filter(({ task }) => task.op === "fill-halo").map(({ task }) => task.dims.VALUE);
    };
    expect(values(true)).toEqual([0]);
    expect(values(false)).toEqual([0, -3.4028234663852886e38]);
  });
});

describe("layouts", () => {
  it("interleave groups that do not fill vectors, and the dense layers around follow", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 4, 6, 6]), { oc: 24, kernel: 1 });
      const grouped = g.clamp(g.conv(x, { oc: 24, groups: 8, pads: [1, 1, 1, 1] }));
      return [g.globalAvgPool(g.conv(g.add(grouped, x), { oc: 16, kernel: 1 }))];
    });
    expect(copies(p)).toEqual(["input1/repack"]);
    expect(stepTexts(p)[3]).toBe(
      "conv2d2 conv2d: x[1,8,3,8,8] 0 2 1/4 3 4 1%4; r[1,8,3,6,6] 0 2 1/4 3+1,1 4+1,1 1%4; y[1,8,3,6,6] 0 2 1/4 3 4 1%4",
    );
  });

  it("fill the lanes left over when groups are rounded up", () => {
    const p = plan((g) => [g.conv(g.input([1, 9, 4, 4]), { oc: 9, groups: 3 })]);
    expect(stepTexts(p)).toEqual([
      "input1/repack copy: x[1,3,3,4,4] 0 1 2 3 4; y[1,3,3,4,4] 0 2 1/4 3 4 1%4",
      "input1/repack/padding fill-halo: y[3,16,4,1] 0 2/4 1 3 2%4",
      "conv2d1 conv2d: x[1,4,3,4,4] 0 2 1/4 3 4 1%4; y[1,4,3,2,2] 0 2 1/4 3 4 1%4",
      "conv2d1/repack copy: x[1,3,3,2,2] 0 2 1/4 3 4 1%4; y[1,3,3,2,2] 0 1 2 3 4",
    ]);
  });

  it("let a dense layer read a flattened image in place, and write the output where it fits", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 4, 6, 6]), { oc: 6, stride: 2 });
      return [g.dense(g.reshape(x, [1, 24]), 8)];
    });
    expect(copies(p)).toEqual(["input1/repack"]);
    expect(p.steps.at(-1)?.args.y).toEqual({ kind: "output", index: 0 });
    expect(p.steps.at(-1)?.task.dims).toMatchObject({ IC: 32, OC: 8 });
  });

  it("shuffle channels for nothing where whole vectors move, and put them in order in one copy", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 4, 6, 6]), { oc: 24, kernel: 1 });
      const shuffled = g.shuffle(g.conv(x, { oc: 24, kernel: 1, groups: 3 }), 3);
      const depthwise = g.conv(shuffled, { oc: 24, groups: 24 });
      return [
        g.dense(g.reshape(g.globalAvgPool(g.conv(depthwise, { oc: 24, kernel: 1, groups: 3 })), [1, 24]), 4),
      ];
    });
    expect(copies(p)).toEqual(["input1/repack", "conv2d3/repack"]);
    expect(stepTexts(p).find((text) => text.startsWith("conv2d3/repack"))).toBe(
      "conv2d3/repack copy: x[1,2,12,4,4] 0 2%3 1 3 4 2/3; y[1,2,12,4,4] 0 1 2/4 3 4 2%4",
    );
  });

  it("let convolutions write straight into the concat that alone reads them", () => {
    const p = plan((g) => {
      const x = g.input([1, 4, 6, 6]);
      const parts = [g.conv(x, { oc: 8 }), g.conv(x, { oc: 4 }), g.conv(x, { oc: 4, groups: 4 })];
      return [g.globalAvgPool(g.conv(g.concat(parts, 1), { oc: 4, pads: [1, 1, 1, 1] }))];
    });
    expect(copies(p)).toEqual(["input1/repack"]);
    const [first, second, third] = p.steps.slice(1, 4).map(({ args }) => args.y);
    expect(first).toEqual({ kind: "arena", offset: 0 });
    expect(second).toEqual({ kind: "arena", offset: 2 * 6 * 6 * 16 });
    expect(third).toEqual({ kind: "arena", offset: 3 * 6 * 6 * 16 });
  });

  it.each(["lists", "pairs"])("let %s that grow from concat to concat be one buffer", (form) => {
    const p = plan((g) => {
      const parts = [g.conv(g.input([1, 8, 6, 6]), { oc: 8, kernel: 1 })];
      let all = parts[0];
      for (let i = 0; i < 3; i++) {
        parts.push(g.conv(all, { oc: 4, pads: [1, 1, 1, 1] }));
        all = g.concat(form === "lists" ? [...parts] : [all, parts[i + 1]], 1);
      }
      return [g.globalAvgPool(g.conv(all, { oc: 4, pads: [1, 1, 1, 1] }))];
    });
    expect(copies(p)).toEqual(["input1/repack"]);
    const convs = p.steps.filter(({ name }) => /^conv2d\d$/.test(name));
    const block = 8 * 8 * 16;
    // What the first reads has its border filled before the join is complete.
    expect(convs.slice(0, 4).map(({ args }) => args.y)).toEqual(
      [0, 2 * block, 3 * block, 4 * block].map((offset) => ({ kind: "arena", offset })),
    );
    const borders = p.steps.filter(({ task }) => task.op === "fill-halo").map(({ task }) => task.dims.C);
    expect(borders).toEqual([8, 12, 16, 20]);
    // While the first one reads the image in blocks of its own.
    expect(p.arenaBytes).toBe(5 * block + 8 * 6 * 6 * 4);
  });

  it("give what is joined the border that readers of its parts ask for, where the map is not small against it", () => {
    const p = (size: number): Plan =>
      plan((g) => {
        const x = g.conv(g.input([1, 8, size, size]), { oc: 16, kernel: 1 });
        const half = g.slice(x, 1, 8, 8);
        const deep = g.conv(half, { oc: 8, pads: [1, 1, 1, 1] });
        return [g.globalAvgPool(g.conv(g.concat([half, deep], 1), { oc: 8, kernel: 1 }))];
      });
    const copied = ({ steps }: Plan): string[] =>
      steps.filter(({ task }) => task.op === "copy").map(({ name }) => name);
    expect(copied(p(20))).toEqual(["input1/repack", "slice1"]);
    // of 4x4 pixels a border would more than double the memory
    expect(copied(p(4))).toEqual(["input1/repack", "slice1", "slice1/repack"]);
  });

  it("let halves of channels stay where they are, and in what is joined of them", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 8, 20, 20]), { oc: 32, kernel: 1 });
      const halves = [g.slice(x, 1, 0, 16), g.slice(x, 1, 16, 16)];
      const deep = g.conv(halves[1], { oc: 16, pads: [1, 1, 1, 1] });
      return [g.globalAvgPool(g.conv(g.concat([...halves, deep], 1), { oc: 8, kernel: 1 }))];
    });
    expect(copies(p)).toEqual(["input1/repack"]);
    const [reads, writes] = [p.steps.find(({ name }) => name === "conv2d2")?.args ?? {}].flatMap(
      ({ x, y }) => [x, y],
    );
    const plane = (20 + 2) * (20 + 2) * 4;
    expect(reads).toEqual({ kind: "arena", offset: 16 * plane });
    expect(writes).toEqual({ kind: "arena", offset: 32 * plane });
  });

  it("copy halves that would keep twice their memory for long", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 8, 16, 16]), { oc: 64, kernel: 1 });
      const half = g.slice(x, 1, 32, 32);
      let y = g.conv(half, { oc: 80, kernel: 1 });
      for (let i = 0; i < 3; i++) y = g.conv(y, { oc: 80, kernel: 1 });
      return [g.globalAvgPool(g.add(g.conv(y, { oc: 32, kernel: 1 }), half))];
    });
    expect(copies(p)).toEqual(["input1/repack", "slice1"]);
  });

  it("take groups that are filled up to vectors from where they lie, one by one", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 8, 6, 6]), { oc: 72, kernel: 1 });
      const grouped = g.conv(x, { oc: 60, groups: 3, kernel: 1 });
      return [g.globalAvgPool(g.conv(g.concat([g.maxPool(x, { kernel: 1 }), grouped], 1), { oc: 16 }))];
    }, 8);
    expect(copies(p)).toEqual(["input1/repack", "concat1/run0", "concat1/run1", "concat1"]);
    expect(stepTexts(p).find((text) => text.startsWith("concat1/run1"))).toBe(
      "concat1/run1 copy: x[1,20,1,6,6] 0 2+1,1 1/8 3 4 1%8; y[1,20,1,6,6] 0 1+92,20/8 2 3 4 1%8",
    );
  });

  it("keep a tensor for a late concat in memory of its own where all of that would be too much", () => {
    const memory = { pads: [1, 1, 1, 1] } as const;
    const p = plan((g) => {
      const early = g.conv(g.input([1, 4, 16, 16]), { oc: 8, ...memory });
      let x = early;
      for (let i = 0; i < 4; i++) x = g.clamp(g.conv(x, { oc: 32, ...memory }));
      return [g.globalAvgPool(g.concat([g.conv(x, { oc: 32, ...memory }), early], 1))];
    });
    expect(copies(p)).toEqual(["input1/repack", "concat1"]);
  });

  const zoo: readonly (readonly [string, ZooOptions, number])[] = [
    ["resnext50", {}, 4],
    ["resnext50", {}, 8],
    ["mobilenet-v1", {}, 4],
    ["mobilenet-v1", { G: 2 }, 4],
    ["mobilenet-v1", { G: 8 }, 8],
    ["resnet34", { g: 4 }, 4],
    ["wrn-40-2", { G: 1 }, 4],
  ];
  it.each(zoo)(
    "of %s %j for %i lanes repack nothing but the input and scores that fill no vector",
    (name, options, lanes) => {
      const graph = findZooNetwork(name).build({ ...options, inputSize: 32, shapesOnly: true });
      const optimized = optimizeGraph(graph);
      expect(copies(planNetwork(optimized, lanes)).filter((copy) => copy !== "fc/repack")).toEqual([
        "input/repack",
      ]);
    },
  );
});

describe("plans", () => {
  it("are the same for the same graph", () => {
    const build = (): string => {
      const graph = findZooNetwork("shufflenet-v1").build({ inputSize: 32, shapesOnly: true });
      const short = (_: string, value: unknown): unknown =>
        value instanceof Float32Array ? value.length : value;
      return JSON.stringify(planNetwork(optimizeGraph(graph), LANES), short);
    };
    expect(build()).toBe(build());
  });

  it("name every step differently, and say what completes each tensor", () => {
    const graph: Graph = optimizeGraph(
      findZooNetwork("shufflenet-v1").build({ inputSize: 32, shapesOnly: true }),
    );
    const { steps } = planNetwork(graph, LANES);
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length);
    const made = steps.flatMap(({ produces }) => (produces === undefined ? [] : [produces.tensor]));
    expect(new Set(made).size).toBe(made.length);
  });
});

describe("epilogues", () => {
  const border = { pads: [1, 1, 1, 1] } as const;
  /** Operators in order, steps that prepare memory and copies in and out left out. */
  const operators = ({ steps }: Plan): string[] =>
    steps.map(({ task }) => task.op).filter((op) => op !== "fill-halo" && op !== "copy");

  it("leave no step for slopes of PRelu, in any form of convolution, alone or with a residual", () => {
    for (const groups of [1, 2, 4, 8, 16]) {
      const p = plan((g) => {
        const x = g.conv(g.input([1, 3, 8, 8]), { oc: 16 });
        const y = g.prelu(g.batchNorm(g.conv(x, { oc: 16, groups, ...border, bias: false })));
        return [g.prelu(g.add(g.conv(y, { oc: 16, groups, ...border }), x)), g.add(y, x)];
      });
      expect(operators(p), `${groups} groups`).toEqual(["conv2d", "conv2d", "conv2d", "add"]);
    }
  });

  it("add a shortcut after the activation", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 3, 8, 8]), { oc: 16, kernel: 1 });
      const middle = g.activation(g.conv(x, { oc: 8, kernel: 1 }), "silu", 1);
      const y = g.add(x, g.activation(g.conv(middle, { oc: 16, ...border }), "silu", 1));
      return [g.add(y, g.clamp(g.conv(y, { oc: 16, groups: 8, ...border })))];
    });
    expect(operators(p)).toEqual(["conv2d", "conv2d", "conv2d", "conv2d"]);
    expect(p.steps.flatMap(({ task }) => (task.op === "conv2d" ? task.dims.RES : []))).toEqual([0, 0, 2, 2]);
  });

  it("scale channels by what their maps come to, and add a shortcut and clamp in the same step", () => {
    const p = plan((g) => {
      const x = g.conv(g.input([1, 3, 8, 8]), { oc: 16, kernel: 1 });
      const y = g.conv(x, { oc: 16, groups: 8, ...border });
      const gate = g.activation(
        g.conv(g.globalAvgPool(y), { oc: 16, kernel: 1 }),
        "hard-sigmoid",
        1 / 6,
        0.5,
      );
      return [g.clamp(g.add(g.mul(y, gate), x))];
    });
    expect(operators(p)).toEqual(["conv2d", "conv2d", "global-avg-pool", "conv2d", "mul"]);
    expect(p.steps.find(({ task }) => task.op === "mul")?.task.dims).toMatchObject({ BH: 1, RES: 1, LO: 0 });
  });
});

it("multiply-accumulates are those of channels there are", () => {
  for (const lanes of [4, 16]) {
    const p = plan((g) => {
      const x = g.conv(g.input([2, 3, 8, 8]), { oc: 6, kernel: 1 });
      return [g.conv(g.conv(x, { oc: 6, groups: 3, kernel: 1 }), { oc: 6, groups: 6, kernel: 1 })];
    }, lanes);
    const macs = p.steps.flatMap((step) => (step.task.op === "conv2d" ? step.macs : []));
    expect(macs).toEqual([2 * 64 * 18, 2 * 64 * 12, 2 * 64 * 6]);
  }
});
