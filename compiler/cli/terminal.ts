import pc from "picocolors";

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

/** Without control characters but colours: names come from model files and must not move the cursor. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
  return text.replace(/(\x1b\[[0-9;]*m)|[^\P{Cc}\n\t]/gu, (_, color: string | undefined) => color ?? " ");
}

/** A word of a command that is shown to be typed; quoted only where a shell would ask for it. */
export function typedWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
