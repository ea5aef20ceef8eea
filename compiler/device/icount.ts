import { resolve } from "node:path";
import { UserError } from "../support/diagnostic.ts";
import { runInTempFolder } from "./temp-run.ts";

export interface CountJob {
  /** The counting plugin, built for this machine's qemu. */
  readonly plugin: string;
  /** The program of qemu-user. */
  readonly emulator: string;
  /** Core, as `qemu -cpu` names it: C libraries choose code by it. */
  readonly cpu: string;
  /** Static executable; it should use one thread. */
  readonly program: string;
  readonly args: readonly string[];
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

const COUNT = "icount.txt";

/**
 * Guest instructions one run of a program executes under qemu-user. Deterministic: what one repetition
 * costs is the difference between two runs that differ by one. Throws D131 to D138 and D151.
 */
export async function countInstructions(job: CountJob): Promise<number> {
  const { emulator } = job;
  // qemu splits a plugin's options at commas; a doubled comma stands for itself.
  const plugin = `${resolve(job.plugin).replaceAll(",", ",,")},out=${COUNT}`;
  const result = await runInTempFolder("qemu", [emulator, "-cpu", job.cpu, "-plugin", plugin], {
    program: job.program,
    args: job.args,
    files: [],
    fetch: [{ name: COUNT, bytes: 64, orLess: true }],
    timeoutSeconds: job.timeoutSeconds,
    ...(job.signal === undefined ? {} : { signal: job.signal }),
  });
  const text = new TextDecoder().decode(result.files.get(COUNT));
  if (result.exitCode !== 0 || !/^\d+\n$/.test(text)) {
    throw new UserError({
      code: "D151",
      exit: "runFailed",
      title: `instructions cannot be counted: ${emulator} ended with exit code ${result.exitCode}`,
      why: result.stderr.trim() || "it said nothing",
      help: ["counting needs qemu-user with plugins (Debian: qemu-user, not qemu-user-static)"],
    });
  }
  return Number(text);
}
