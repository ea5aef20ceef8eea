import { readFileSync } from "node:fs";
import { execa } from "execa";
import { expect, test } from "vitest";
import { compilerFlags } from "../../compiler/driver/bundle/emit-bundle-flags.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { AlgorithmLimits } from "../../compiler/ops/conv2d/algorithm.ts";
import { registerBudget } from "../../compiler/ops/tiles.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { sourceFlags } from "../../compiler/toolchain/intent-flags.ts";
import { findToolchain } from "../../compiler/toolchain/toolchain.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { LONG } from "../support/amount.ts";
import { spillingLoops } from "./spills.ts";

interface Layer extends Readonly<Record<Dim, number>> {
  readonly name: string;
}
type Dim = "n" | "ic" | "oc" | "groups" | "ih" | "iw" | "kh" | "kw" | "stride" | "pad" | "dilation";

const layers: readonly Layer[] = JSON.parse(
  readFileSync(new URL("../bench/workloads.json", import.meta.url), "utf8"),
);
/** Kernels that no layer there has. */
const LARGER: readonly Layer[] = [1, 2].map((stride) => {
  const depthwise = { n: 1, ic: 64, oc: 64, groups: 64, ih: 28, iw: 28, kh: 5, kw: 5, pad: 2, dilation: 1 };
  return { ...depthwise, stride, name: `depthwise 5x5, stride ${stride}` };
});
/** One of each schedule and kind of tile. */
const EACH_KIND = [
  ...["resnet34_64_g2", "resnet34_64_g4", "resnet34_64_g16", "resnet34_64_g32", "resnet34_64_g64"],
  ...["resnet34_128_g16", "resnet34_256_g1", "resnet34_512_g512", "resnext50_s2", "mobilenetv1_dw2"],
  ...["mobilenetv1_G16_256", "shufflenetv1_g3_pw", "alexnet_conv2"],
];

/**
 * A body written out over hundreds of instructions may keep a value on the stack: Winograd's input transform has
 * 30 values alive at once beside its constants.
 */
const WRITTEN_OUT = { instructions: 200, share: 0.01 };

/** Of 16 registers, transforms spill; their loops have few multiply-adds among the rest. */
const TRANSFORM = 0.33;

const every = (nth: number): readonly Layer[] => layers.filter((_, i) => i % (LONG ? nth : 12 * nth) === 0);
interface Case {
  readonly board: string;
  readonly chosen: readonly Layer[];
  readonly end: string;
  readonly transforms: boolean;
  readonly numerics: AlgorithmLimits["numerics"];
}
const plain = { end: "as they are", transforms: false, numerics: "fast" } as const;
const few = [...layers.filter(({ name }) => EACH_KIND.includes(name)), ...LARGER];

/** Some layers for each of two boards of one instruction set: every day half as many. */
const half = (board: number): readonly Layer[] => few.filter((_, i) => i % (LONG ? 2 : 4) === board);

test.each<Case>([
  { ...plain, board: "qemu-rpi4", chosen: every(1) },
  { ...plain, board: "qemu-rpi3", chosen: every(4) },
  { ...plain, board: "qemu-rpi4", chosen: every(3), end: "with slopes and a residual" },
  { ...plain, board: "qemu-rpi4", chosen: every(5), numerics: "close" },
  { ...plain, board: "qemu-rpi2", chosen: half(0), transforms: true },
  { ...plain, board: "rpi3-32", chosen: half(1), transforms: true },
])(
  "inner loops of layers' kernels keep their values in registers on $board, $end, $numerics",
  async ({ board, chosen, end, transforms, numerics }) => {
    const target = loadTarget(board);
    const toolchain = await findToolchain(target);
    const found: string[] = [];
    for (const layer of chosen) {
      const algorithms = { registers: registerBudget(target), numerics };
      const plan = planNetwork(optimizeGraph(graphOf(layer, end !== "as they are")), target.isa.lanes, {
        algorithms,
      });
      const kernels = plan.steps.map(({ task }) => compileTask(task, target));
      for (const { schedule, choice, ...kernel } of kernels.filter(({ macs }) => macs > 0)) {
        const flags = [...compilerFlags(target), ...sourceFlags(toolchain, kernel), "-fverbose-asm"];
        const { stdout } = await execa(toolchain.cc, [...flags, "-S", "-o", "-", "-x", "c", "-"], {
          input: kernel.c,
        });
        const loops = spillingLoops(stdout).filter(
          ({ vectors, addresses, instructions, products }) =>
            !(transforms && products < TRANSFORM * instructions) &&
            (instructions < WRITTEN_OUT.instructions ||
              vectors + addresses > WRITTEN_OUT.share * instructions),
        );
        found.push(...loops.map((loop) => `${layer.name} ${schedule}, ${choice}: ${JSON.stringify(loop)}`));
      }
    }
    expect(found).toEqual([]);
  },
  600_000,
);

function graphOf(layer: Layer, ended: boolean): Graph {
  const { n, ic, oc, groups, ih, iw, kh, kw, stride, pad, dilation } = layer;
  const g = graphBuilder();
  const pads = [pad, pad, pad, pad] as const;
  const x = g.input([n, ic, ih, iw]);
  const y = g.conv(x, { oc, groups, kernel: [kh, kw], stride, pads, dilation, bias: false });
  return g.finish([ended ? g.add(g.prelu(y), g.input(g.shape(y))) : y]);
}

test("a spilled value is told from an array on the stack", () => {
  const loop = (line: string): string => `.L3:\n\t${line}\n\tfmla\tv0.4s, v1.4s, v2.4s\n\tbne\t.L3\t//,\n`;
  expect(spillingLoops(loop("ldr\tq3, [sp, 128]\t// _240, %sfp"))).toEqual([
    { instructions: 3, products: 1, vectors: 1, addresses: 0 },
  ]);
  expect(spillingLoops(loop("ldr\tx3, [sp, 128]\t// ivtmp.4, %sfp"))).toEqual([
    { instructions: 3, products: 1, vectors: 0, addresses: 1 },
  ]);
  expect(spillingLoops(loop("ldr\tq3, [sp, 128]\t// v, MEM[(float *)&v]"))).toEqual([]);
  const armv7 = "\tvld1.64\t{d2-d3}, [r3:64]\t@ _240, %sfp\n\tvmla.f32\tq0, q1, d2[0]\t@ a, b\n";
  expect(spillingLoops(`.L3:\n${armv7}\tbne\t.L3\t\t@,\n`)).toEqual([
    { instructions: 3, products: 1, vectors: 1, addresses: 0 },
  ]);
  expect(spillingLoops("\tstr\tq3, [sp, 128]\t// _240, %sfp\n")).toEqual([]);
});
