import { EXIT } from "../support/exit-codes.ts";
import { packageVersion } from "../support/version.ts";
import { COMMANDS } from "./commands.ts";
import { reportFailure } from "./failure.ts";
import { type Interrupts, untilInterrupted } from "./interrupt.ts";
import { parseCommandLine } from "./parse.ts";
import type { Terminal } from "./terminal.ts";

/** Runs one command line; gives the exit code and never throws. */
export async function runCli(
  argv: readonly string[],
  terminal: Terminal,
  interrupts: Interrupts,
): Promise<number> {
  const version = packageVersion();
  try {
    const parsed = parseCommandLine(argv, COMMANDS, version, terminal.columns);
    if (parsed.kind === "text") {
      (parsed.ok ? terminal.out : terminal.note)(parsed.text);
      return parsed.ok ? EXIT.ok : EXIT.usage;
    }
    const { command, values } = parsed;
    return await untilInterrupted(interrupts, terminal, async (signal) => {
      await command.run(values, { terminal, signal });
      return EXIT.ok;
    });
  } catch (error) {
    return reportFailure(error, terminal, version);
  }
}
