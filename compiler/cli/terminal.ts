import pc from "picocolors";

export { typedWord } from "../support/text.ts";

type Colors = ReturnType<typeof pc.createColors>;

/** Where a command writes: results to `out`, everything about its progress and failure to `note`. */
export interface Terminal {
  /** A line of the result, on standard output. */
  readonly out: (line: string) => void;
  /** A line for the person watching, on standard error. */
  readonly note: (line: string) => void;
  /** Whether a person watches standard error: progress may be drawn. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly outColors: Colors;
  readonly noteColors: Colors;
}

/** The terminal of this process. Colours follow NO_COLOR, FORCE_COLOR and whether each stream is a terminal. */
export function processTerminal(env: NodeJS.ProcessEnv): Terminal {
  const colorful = (stream: NodeJS.WriteStream): boolean =>
    !env.NO_COLOR && (Boolean(env.FORCE_COLOR) || (stream.isTTY === true && env.TERM !== "dumb"));
  return {
    out: (line) => void process.stdout.write(`${printable(line)}\n`),
    note: (line) => void process.stderr.write(`${printable(line)}\n`),
    interactive: process.stderr.isTTY === true && !env.CI && env.TERM !== "dumb",
    // Some terminals say that they are 0 wide.
    columns: process.stdout.columns || 100,
    outColors: pc.createColors(colorful(process.stdout)),
    noteColors: pc.createColors(colorful(process.stderr)),
  };
}

/**
 * Without control characters but colours, and without what reorders or hides text (bidirectional and zero-width marks): names come
 * from model files and boards.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, (_, color: string | undefined) => color ?? " ");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const UNSEEN = /(\x1b\[[0-9;]*m)|[^\P{C}\n\t]|[\u2028\u2029]/gu;
