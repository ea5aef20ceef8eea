import { cpus } from "node:os";
import type { Target } from "../../machine/target.schema.ts";

/** Whose times a record has: the target's core, of this machine the processor as it calls itself. */
export function coreName({ board, core }: Target): string {
  return board.run === "native" ? `${core.name}: ${cpus()[0]?.model.trim() ?? "unknown"}` : core.name;
}
