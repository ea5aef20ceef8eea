import type { InferredOptionTypes, Options } from "yargs";
import type { Terminal } from "./terminal.ts";

/** What a command is given besides its arguments. */
export interface Context {
  readonly terminal: Terminal;
  /** Aborted when the user presses ctrl-C: stop, clean up, throw. */
  readonly signal: AbortSignal;
}

/** Words after the command's own: `required` ones come first. */
export interface Positional {
  readonly name: string;
  readonly describe: string;
  readonly required: boolean;
  /** Of the last one: more words may follow it. */
  readonly many?: boolean;
}

export type OptionTable = Readonly<Record<string, Options & { readonly required?: boolean }>>;
export type Values<O extends OptionTable> = InferredOptionTypes<O> & {
  /** Values of the positionals, by name. */
  readonly words: Readonly<Record<string, string | undefined>>;
  /** The words that follow a last positional of which there may be many. */
  readonly rest: readonly string[];
};

/** One command, as data. Failures are thrown as UserErrors; heavy modules are loaded inside `run`. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly positionals: readonly Positional[];
  readonly options: OptionTable;
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  readonly run: (values: Values<OptionTable>, context: Context) => Promise<void>;
}

/** Several commands behind one word: `zoo list`, `zoo export`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
  /** The one that is meant where none is named. */
  readonly usual?: Command;
}

/** Gives `run` the exact types of the options declared beside it. */
export function defineCommand<const O extends OptionTable>(
  command: Omit<Command, "options" | "run"> & {
    readonly options: O;
    readonly run: (values: Values<O>, context: Context) => Promise<void>;
  },
): Command {
  // The parser makes the values from this very table, so they have its types.
  return { ...command, run: (values, context) => command.run(values as Values<O>, context) };
}
