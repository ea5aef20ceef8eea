import type { Kernel } from "../artifact/kernel.ts";
import type { LoopProc } from "../ir/proc.ts";
import { walk } from "../ir/rewrite.ts";
import type { VectorProc } from "../ir/vector.ts";
import { lanesOf } from "../machine/isa-rows.ts";
import type { Isa, Target } from "../machine/target.schema.ts";
import { liveRegisters } from "./live-registers.ts";
import { type LoopCosts, loopCosts } from "./loop-costs.ts";
import { roofsOf } from "./roofline.ts";
import { type VectorCosts, vectorCosts } from "./vector-costs.ts";

/** What a kernel is and what it costs, all of it counted from its loops or modelled from data sheets. */
export interface KernelExplanation {
  readonly kernel: string;
  readonly target: string;
  readonly core: string;
  readonly schedule: string;
  readonly choice: string;
  readonly lanes: number;
  readonly costs: LoopCosts;
  readonly operations: VectorCosts;
  /** Local arrays kept in vector registers. */
  readonly tiles: readonly RegisterTile[];
  readonly registers: { readonly alive: number; readonly available: number };
  readonly caches: { readonly l1Bytes: number; readonly l2Bytes: number };
  readonly bound: KernelBound;
}
export interface RegisterTile {
  readonly buffer: string;
  readonly shape: readonly number[];
  readonly registers: number;
}

/** The time no program can beat on one core: its arithmetic at full speed, or its bytes once through memory. */
export interface KernelBound {
  /** Cycles of the arithmetic when every slot for a vector multiply-add is used, lanes that idle included. */
  readonly computeCycles: number;
  /** Absent where the board's file gives no clock or memory. */
  readonly computeMs?: number;
  readonly memoryMs?: number;
  readonly by?: "compute" | "memory";
}

export function explainKernel(
  { name, schedule, choice }: Kernel,
  loops: LoopProc,
  vector: VectorProc,
  target: Target,
): KernelExplanation {
  const { isa, core } = target;
  const costs = loopCosts(loops, isa.lanes);
  return {
    kernel: name,
    target: target.name,
    core: core.name,
    schedule,
    choice,
    lanes: isa.lanes,
    costs,
    operations: vectorCosts(vector),
    tiles: tilesOf(loops, isa),
    registers: { alive: liveRegisters(vector.body), available: isa.registers },
    caches: { l1Bytes: core.l1dBytes, l2Bytes: core.l2Bytes },
    bound: boundOf(costs, target),
  };
}

function boundOf(costs: LoopCosts, target: Target): KernelBound {
  const { isa, core } = target;
  const { slots } = costs;
  const computeCycles = slots / core.fmaPerCycle;
  const roofs = roofsOf(target);
  if (roofs === undefined) return { computeCycles };
  const computeMs = (1e3 * slots * isa.lanes) / roofs.macsPerSecond;
  const memoryMs = (1e3 * costs.bytes) / roofs.bytesPerSecond;
  return { computeCycles, computeMs, memoryMs, by: computeMs >= memoryMs ? "compute" : "memory" };
}

function tilesOf({ body }: LoopProc, isa: Isa): readonly RegisterTile[] {
  const tiles = new Map<string, RegisterTile>();
  walk(body, (s) => {
    if (s.kind !== "alloc" || s.memory !== "register" || s.shape.length === 0) return;
    const size = s.shape.reduce((a, b) => a * b, 1);
    const registers = Math.ceil(size / lanesOf(isa, s.dtype));
    if (registers > (tiles.get(s.buffer)?.registers ?? 0)) {
      tiles.set(s.buffer, { buffer: s.buffer, shape: s.shape, registers });
    }
  });
  return [...tiles.values()];
}
