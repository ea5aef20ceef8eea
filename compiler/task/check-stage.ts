import { validate } from "../ir/validate.ts";
import { validateVector } from "../ir/validate-vector.ts";
import type { OnStage } from "./compile-proc.ts";

/**
 * Checks what every step and every pass leaves before it is handed on: an InternalError names the one that left what it
 * may not. Users' own kernels are always checked.
 */
export function checked(onStage?: OnStage): OnStage {
  return (stage, proc) => {
    if (proc.stage === "loop") validate(proc, stage);
    else validateVector(proc, stage);
    onStage?.(stage, proc);
  };
}

/** Whether every kernel is checked, those of networks too: a switch for whoever changes the compiler. */
export function checksAll(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return env.TILEWRIGHT_CHECK === "1";
}
