import { readFileSync } from "node:fs";

/** Whether a process runs: not one that has ended, and that nobody has asked how (proc(5), field 3 of its stat). */
export function isRunning(pid: string | number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
