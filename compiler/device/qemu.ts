import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { qemuMissing } from "./board-failures.ts";
import type { Runner } from "./runner.ts";
import { runInTempFolder } from "./temp-run.ts";

/** A board emulated by a program of qemu-user on this machine, with the core `cpu` as `qemu -cpu` names it. Throws D141. */
export function qemuRunner(board: string, emulator: string, cpu: string): Runner {
  const qemu = findProgram(emulator);
  if (qemu === undefined) throw qemuMissing(board, emulator);
  return {
    board,
    timing: "emulated",
    run: (job) => runInTempFolder(board, [qemu, "-cpu", cpu], job),
    close: async () => {},
  };
}

function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
