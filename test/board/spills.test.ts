import { readFileSync } from "node:fs";
import { execa } from "execa";
import { expect, test } from "vitest";
import { findToolchain } from "../../compiler/build/toolchain.ts";
import { compilerFlags } from "../../compiler/driver/emit-bundle-flags.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { registerBudget } from "../../compiler/ops/tiles.ts";
import { loadTarget } from "../../compiler/target/load.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { spillingLoops } from "./spills.ts";

const layers: readonly Readonly<Record<string, number>>[] = JSON.parse(
  readFileSync(new URL("../bench/workloads.json", import.meta.url), "utf8"),
);

/**
 * A body written out over hundreds of instructions may keep a value on the stack: Winograd's input transform has
 * 30 values alive at once beside its constants.
 */
const WRITTEN_OUT = { instructions: 200, share: 0.01 };

test.each([
  { board: "qemu-rpi4", every: 1, end: "as they are" },
  { board: "qemu-rpi3", every: 4, end: "as they are" },
  { board: "qemu-rpi4", every: 3, end: "with slopes and a residual" },
])(
  "inner loops of layers' kernels keep their values in registers on $board, $end",
  async ({ board, every, end }) => {
    const target = loadTarget(board);
    const toolchain = await findToolchain(target);
    const found: string[] = [];
    for (const layer of layers.filter((_, i) => i % every === 0)) {
      const winograd = { registers: registerBudget(target) };
      const plan = planNetwork(optimizeGraph(graphOf(layer, end !== "as they are")), target.isa.lanes, {
        winograd,
      });
      const kernels = plan.steps.map(({ task }) => compileTask(task, target));
      for (const { c, cflags, schedule, choice } of kernels.filter(({ macs }) => macs > 0)) {
        const flags = [...compilerFlags(target), ...cflags, "-fverbose-asm"];
        const { stdout } = await execa(toolchain.cc, [...flags, "-S", "-o", "-", "-x", "c", "-"], {
          input: c,
        });
        const loops = spillingLoops(stdout).filter(
          ({ vectors, addresses, instructions }) =>
            instructions < WRITTEN_OUT.instructions || vectors + addresses > WRITTEN_OUT.share * instructions,
        );
        found.push(...loops.map((loop) => `${layer.name} ${schedule}, ${choice}: ${JSON.stringify(loop)}`));
      }
    }
    expect(found).toEqual([]);
  },
  600_000,
);

function graphOf(layer: Readonly<Record<string, number>>, ended: boolean): Graph {
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
    { instructions: 3, vectors: 1, addresses: 0 },
  ]);
  expect(spillingLoops(loop("ldr\tx3, [sp, 128]\t// ivtmp.4, %sfp"))).toEqual([
    { instructions: 3, vectors: 0, addresses: 1 },
  ]);
  expect(spillingLoops(loop("ldr\tq3, [sp, 128]\t// v, MEM[(float *)&v]"))).toEqual([]);
  expect(spillingLoops("\tstr\tq3, [sp, 128]\t// _240, %sfp\n")).toEqual([]);
});
