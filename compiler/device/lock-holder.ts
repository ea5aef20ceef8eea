import { hostname, userInfo } from "node:os";
import { plainText } from "./plain-text.ts";

/** Who has a machine's lock, and for how many seconds. */
export interface LockHolder {
  readonly held: number;
  readonly holder: string;
}

/** Reads "SECONDS HOLDER". */
export function holderOf(text: string): LockHolder {
  const [, held = "0", holder = text] = /^(\d{1,9}) (.*)$/.exec(text) ?? [];
  return { held: Number(held), holder: plainText(holder).slice(0, 120) || "somebody" };
}

/** This process, as others are told of it while they wait. */
export function caller(): string {
  const clean = (text: string): string => text.replace(/[^A-Za-z0-9_.-]/g, "_");
  return `${clean(userInfo().username)}@${clean(hostname())} (process ${process.pid} there)`;
}
