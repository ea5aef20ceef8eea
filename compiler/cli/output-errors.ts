import { renderDiagnostic } from "../support/diagnostic.ts";
import { EXIT } from "../support/exit-codes.ts";
import { cannotWrite } from "../support/write-whole.ts";
import type { Terminal } from "./terminal.ts";

/** The part of `process` that tells of output which cannot be written. */
export interface OutputProcess {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  exitCode?: number | string | null | undefined;
  on(event: "exit", listener: () => void): unknown;
}

interface OutputStream {
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * Lets a command end its work though its output cannot be written. Of a reader that left (EPIPE, `| head`) nothing is
 * said and the exit code stays the command's own, so a gate that fails does so behind a pipe, too; a full disk is C302.
 */
export function watchOutput(process: OutputProcess, { note }: Pick<Terminal, "note">): void {
  let failed = false;
  process.stdout.on("error", (error) => {
    if (failed || error.code === "EPIPE") return;
    failed = true;
    note(renderDiagnostic(cannotWrite("standard output", error).diagnostic));
  });
  // There is nowhere left to tell of it.
  process.stderr.on("error", () => undefined);
  process.on("exit", () => {
    if (failed && !process.exitCode) process.exitCode = EXIT.usage;
  });
}
