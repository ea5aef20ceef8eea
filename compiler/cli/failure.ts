import { InternalError, renderDiagnostic, UserError } from "../support/diagnostic.ts";
import { EXIT } from "../support/exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** Tells a failure to the user, and gives the exit code. */
export function reportFailure(error: unknown, terminal: Terminal, version: string): number {
  if (error instanceof UserError) {
    terminal.note(coloured(renderDiagnostic(error.diagnostic), terminal));
    return error.exitCode;
  }
  terminal.note(coloured(`error: ${internalText(error)}`, terminal));
  terminal.note(
    `  this is a bug in Tilewright ${version} (Node ${process.version}, ${process.platform} ${process.arch})`,
  );
  terminal.note("  help:  please report it with the command line, the text above and, if you can, the model");
  return EXIT.internal;
}

function internalText(error: unknown): string {
  if (error instanceof InternalError) return `${error.message}\n${frames(error)}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function frames(error: Error): string {
  return (error.stack ?? "").split("\n").slice(1, 9).join("\n");
}

/** Red for the code, dim for the labels. */
function coloured(text: string, { noteColors }: Terminal): string {
  return text
    .replace(/^error[^:]*:/, (head) => noteColors.bold(noteColors.red(head)))
    .replace(/^ {2}(where|why|help):/gm, (label) => noteColors.dim(label));
}
