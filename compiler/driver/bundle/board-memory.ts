import { totalmem } from "node:os";
import type { Plan, Port } from "../../graph/plan.ts";
import { portBytes } from "../../ir/port-type.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { BundleFiles } from "./emit-bundle.ts";
import { fileBytes } from "./large-file.ts";

/** What a compiled network keeps in memory while it runs, in bytes. */
export interface MemoryNeed {
  readonly name: string;
  readonly arena: number;
  readonly weights: number;
  readonly ports: number;
}

export function memoryNeed(
  plan: Pick<Plan, "name" | "arenaBytes" | "inputs" | "outputs">,
  files: BundleFiles,
): MemoryNeed {
  let weights = 0;
  for (const [path, data] of files) if (path.startsWith("weights/")) weights += fileBytes(data);
  const ports = [...plan.inputs, ...plan.outputs].reduce((sum, port) => sum + sizeOf(port), 0);
  return { name: plan.name, arena: plan.arenaBytes, weights, ports };
}

function sizeOf({ shape, dtype = "f32" }: Port): number {
  return shape.reduce((a, b) => a * b, portBytes(dtype));
}

/** Why a network cannot be held where it is to run, or undefined. What runs here has this machine's memory. */
export function memoryShortage(need: MemoryNeed, { board }: Target, here = totalmem()): string | undefined {
  const there = board.ramMiB === undefined ? undefined : board.ramMiB * 2 ** 20;
  const most = board.run === "ssh" ? there : here;
  const { arena, weights, ports } = need;
  const sum = arena + weights + ports;
  if (most === undefined || sum <= most) return undefined;
  const parts = `${size(arena)} arena, ${size(weights)} weights, ${size(ports)} inputs and outputs`;
  const where = board.run === "ssh" ? `a ${board.name} has at most` : "this machine has";
  return `it takes ${size(sum)} (${parts}); ${where} ${size(most)}`;
}

export function memoryLacks({ name }: MemoryNeed, why: string): UserError {
  return new UserError({
    code: "F404",
    exit: "unsupportedModel",
    title: `\`${name}\` does not fit into memory`,
    why,
    help: [
      "give a smaller shape with --input-shape, or take a smaller network",
      "Winograd's algorithm makes weights larger: --max-weights SIZE takes it where it saves most",
    ],
  });
}

function size(bytes: number): string {
  return bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
