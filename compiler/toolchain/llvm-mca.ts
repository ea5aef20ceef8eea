import { z } from "zod";
import type { Target } from "../machine/target.schema.ts";
import { jsonOf } from "../support/json-of.ts";
import { runProgram } from "./run-program.ts";
import { findProgram } from "./toolchain.ts";

/** What llvm-mca says of a block of instructions that runs again and again, all of its data in L1. */
export interface BlockThroughput {
  readonly kind: "modelled";
  readonly cpu: string;
  readonly version: string;
  /** Cycles of one iteration in the long run. */
  readonly cycles: number;
  readonly instructionsPerCycle: number;
  /** The part of the core that is used most, and the cycles it is used in one iteration. */
  readonly busiest: { readonly unit: string; readonly cycles: number };
  /** What is known of how well the model fits the core. */
  readonly note?: string;
}
/** Why there is no such figure. */
export interface NoThroughput {
  readonly kind: "absent";
  readonly why: string;
  readonly help?: string;
}

const report = z.object({
  CodeRegions: z
    .array(
      z.object({
        Instructions: z.array(z.string()),
        ResourcePressureView: z.object({
          ResourcePressureInfo: z.array(
            z.object({ InstructionIndex: z.int(), ResourceIndex: z.int(), ResourceUsage: z.number() }),
          ),
        }),
        SummaryView: z.object({ IPC: z.number(), Iterations: z.number(), TotalCycles: z.number() }),
      }),
    )
    .min(1),
  TargetInfo: z.object({ Resources: z.array(z.string()) }),
});

/** Asks llvm-mca, when it is installed and knows the core. Never throws. */
export async function blockThroughput(
  lines: readonly string[],
  { core, board }: Target,
): Promise<BlockThroughput | NoThroughput> {
  const { llvmMca } = core;
  if (llvmMca === undefined) return { kind: "absent", why: `llvm-mca has no model of the core ${core.name}` };
  const mca = findProgram("llvm-mca");
  if (mca === undefined) {
    return { kind: "absent", why: "llvm-mca is not installed", help: "sudo apt-get install llvm" };
  }
  const triple = board.triple === undefined ? [] : [`-mtriple=${board.triple}`];
  const args = [...triple, `-mcpu=${llvmMca.cpu}`, "-json", "-"];
  const [version, result] = await Promise.all([
    runProgram(mca, ["--version"]),
    runProgram(mca, args, { input: `${lines.join("\n")}\n` }),
  ]);
  const parsed = report.safeParse(jsonOf(result.stdout));
  if (!parsed.success) {
    return {
      kind: "absent",
      why: `llvm-mca failed: ${result.stderr.split("\n")[0] || "it printed no report"}`,
    };
  }
  const [region] = parsed.data.CodeRegions;
  const { SummaryView: summary, ResourcePressureView: pressure, Instructions } = region;
  const totals = pressure.ResourcePressureInfo.filter((p) => p.InstructionIndex === Instructions.length);
  const top = [...totals].sort((a, b) => b.ResourceUsage - a.ResourceUsage)[0];
  if (top === undefined) return { kind: "absent", why: "llvm-mca's report says nothing of the core's units" };
  return {
    kind: "modelled",
    cpu: llvmMca.cpu,
    version: /version (\S+)/.exec(version.stdout)?.[1] ?? "",
    cycles: summary.TotalCycles / summary.Iterations,
    instructionsPerCycle: summary.IPC,
    busiest: {
      unit: unitName(parsed.data.TargetInfo.Resources[top.ResourceIndex]),
      cycles: top.ResourceUsage,
    },
    ...(llvmMca.note === undefined ? {} : { note: llvmMca.note }),
  };
}

/** Units of which there are several end in a byte that numbers them. */
function unitName(resource: string): string {
  const last = resource.charCodeAt(resource.length - 1);
  return last < 32 ? `${resource.slice(0, -1)}${last}` : resource;
}
