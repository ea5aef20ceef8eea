import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { sha256 } from "../support/stable.ts";

/**
 * Names of what is on a board only for a while: uploads that have begun, folders of runs. They say which process of which
 * machine made them, `HERE-PID-RANDOM`, so that what a cut left behind can be told from what is still being made.
 */
const HERE = sha256(Buffer.from(`${hostname()} ${userInfo().uid}`)).slice(0, 8);
const OWNED =
  /^(?:\.new-\d+-(?<content>[0-9a-f]{16})-)?(?<here>[0-9a-f]{8})-(?<pid>\d{1,10})-(?<random>[0-9a-f]{16})$/;
const inUse = new Set<string>();

/** Gives `work` a name of its own; while it lasts, the name is in use. */
export async function withOwnedName<T>(work: (name: string) => Promise<T>): Promise<T> {
  const random = randomBytes(8).toString("hex");
  inUse.add(random);
  try {
    return await work(`${HERE}-${process.pid}-${random}`);
  } finally {
    inUse.delete(random);
  }
}

/** Whether a process of this machine made it and needs it no more. Of other machines' nothing is known. */
export function isLeftBehind(name: string): boolean {
  const { here, pid, random = "" } = OWNED.exec(name)?.groups ?? {};
  if (here !== HERE) return false;
  return Number(pid) === process.pid ? !inUse.has(random) : !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The name of an upload that takes so many KiB, of a content of this sha256. */
export function uploadName(kib: number, sha256: string, owned: string): string {
  return `.new-${kib}-${sha256.slice(0, 16)}-${owned}`;
}

/** Whether an upload is of this content. */
export function isUploadOf(name: string, sha256: string): boolean {
  return OWNED.exec(name)?.groups?.content === sha256.slice(0, 16);
}
