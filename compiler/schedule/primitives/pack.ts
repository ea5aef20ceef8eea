import { z } from "zod";
import type { Storage, StorageDim } from "../../ir/storage.ts";
import { definePrimitive, refuse } from "../primitive.ts";

const dim = z.union([
  z.strictObject({ part: z.literal("whole"), dim: z.int().min(0) }),
  z.strictObject({ part: z.enum(["outer", "inner"]), dim: z.int().min(0), factor: z.int().min(1) }),
]);
const schema = z.strictObject({ op: z.literal("pack"), buffer: z.string(), dims: z.array(dim) });
export type PackStep = Readonly<z.infer<typeof schema>>;

/**
 * Chooses how a parameter lies in memory: which dimensions are blocked, and the order of all of them.
 * Addresses change, results do not. For weights, which are laid out at compile time, it costs nothing.
 */
export const pack = definePrimitive<PackStep>({
  op: "pack",
  schema,
  check(proc, { buffer, dims }) {
    const param = proc.params.find((p) => p.name === buffer);
    if (param === undefined) {
      return refuse(
        "S109",
        `cannot pack \`${buffer}\`: no such parameter`,
        `the parameters are ${proc.params.map((p) => p.name).join(", ")}`,
      );
    }
    if (complete(param.storage.shape.length, dims)) return undefined;
    return refuse(
      "S110",
      `cannot pack \`${buffer}\`: each of its ${param.storage.shape.length} dimensions must appear once, whole or as outer and inner`,
      "an element needs exactly one address",
    );
  },
  apply(proc, { buffer, dims }) {
    const repack = (s: Storage): Storage => ({ ...s, dims });
    return {
      ...proc,
      params: proc.params.map((p) => (p.name === buffer ? { ...p, storage: repack(p.storage) } : p)),
    };
  },
});

function complete(rank: number, dims: readonly StorageDim[]): boolean {
  for (let d = 0; d < rank; d++) {
    const parts = dims.filter((p) => p.dim === d);
    const [a, b] = parts;
    const whole = parts.length === 1 && a.part === "whole";
    const blocked =
      parts.length === 2 &&
      a.part !== "whole" &&
      b.part !== "whole" &&
      a.part !== b.part &&
      a.factor === b.factor;
    if (!whole && !blocked) return false;
  }
  return dims.every((p) => p.dim < rank);
}
