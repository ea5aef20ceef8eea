import { open } from "node:fs/promises";
import type { Timing } from "./runner.ts";

/** ELF e_machine numbers (ELF specification, "Machine Information") and what `uname -m` says there. */
const MACHINES: ReadonlyMap<number, { readonly name: string; readonly uname: RegExp }> = new Map([
  [3, { name: "x86 (32 bit)", uname: /^(i.86|x86_64)$/ }],
  [40, { name: "ARM (32 bit)", uname: /^(arm|aarch64|arm64)/ }],
  [62, { name: "x86-64", uname: /^x86_64$/ }],
  [183, { name: "AArch64", uname: /^(aarch64|arm64)/ }],
  [243, { name: "RISC-V", uname: /^riscv/ }],
]);

export interface ProgramMachine {
  readonly name: string;
  /** Whether a machine with this `uname -m` runs such programs by itself, without emulation. */
  isNativeOn(uname: string): boolean;
}

/** What machine an executable is for, or undefined when the file is not one. */
export async function programMachine(path: string): Promise<ProgramMachine | undefined> {
  const file = await open(path, "r");
  try {
    const header = Buffer.alloc(20);
    const { bytesRead } = await file.read(header, 0, 20, 0);
    if (bytesRead < 20 || header.toString("latin1", 0, 4) !== "\x7fELF") return undefined;
    const number = header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18);
    const known = MACHINES.get(number);
    return {
      name: known?.name ?? `ELF machine ${number}`,
      isNativeOn: (uname) => known?.uname.test(uname) ?? false,
    };
  } finally {
    await file.close();
  }
}

/**
 * What times of programs for a GNU triple are on a machine, as it calls itself (`uname -m`, model): one that does not, or is a
 * virtual machine, may be anything.
 */
export function timingOf(triple: string | undefined, uname: string | undefined, model?: string): Timing {
  if (uname === undefined || isVirtual(model)) return "unknown";
  return triple === undefined || runsNatively(triple, uname) ? "measured" : "emulated";
}

/** Whether a model is that of a machine of qemu's which is no board there is: an emulator's, or a part of another machine. */
export function isVirtual(model: string | undefined): boolean {
  return /^linux,dummy-virt$|^(QEMU|KVM)\b/.test(model ?? "");
}

/** Whether a kernel (`uname -m`) runs programs of this GNU triple without emulation. */
export function runsNatively(triple: string, uname: string): boolean {
  const arch = triple.split("-")[0] ?? triple;
  if (/^(aarch64|arm64)/.test(arch)) return /^(aarch64|arm64)/.test(uname);
  if (/^arm/.test(arch)) return /^(arm|aarch64|arm64)/.test(uname);
  return arch === uname;
}
