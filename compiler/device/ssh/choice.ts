import { existsSync } from "node:fs";
import { ssh2Algorithms } from "./algorithms.ts";
import type { Destination } from "./destination.ts";
import { knownKeys } from "./host-key.ts";

/** Says that ssh2 cannot go there and the program `ssh` may. */
export class BeyondSsh2 extends Error {
  /** What only the program can do. */
  readonly reason: string;

  constructor(reason: string) {
    super(`the program ssh is wanted for ${reason}`);
    this.reason = reason;
  }
}

/** Why the program `ssh` is to be taken for this place before ssh2 is tried at all. */
export async function whyProgram(at: Destination): Promise<string | undefined> {
  if (at.keptConnection) return "a connection that is kept (ControlPath)";
  const [named] = at.needs;
  if (named !== undefined) return named;
  const certificate = at.identityFiles.map((file) => `${file}-cert.pub`).find((file) => existsSync(file));
  if (certificate !== undefined && at.keys.allowed) return `a certificate (${certificate})`;
  const known = await knownKeys(at);
  const authority = known.find((key) => key.marker === "cert-authority");
  if (authority !== undefined) return `certificates of hosts (${authority.file} line ${authority.line})`;
  const algorithms = ssh2Algorithms(at.algorithms);
  return "lacks" in algorithms ? `algorithms that ssh2 has not (${algorithms.lacks})` : undefined;
}
