import { type ExecFileException, execFile } from "node:child_process";

/** How a program ended. */
export interface Ended {
  readonly failed: boolean;
  /** It was stopped by its signal. */
  readonly stopped: boolean;
  /** Without the last line's end. */
  readonly stdout: string;
  readonly stderr: string;
  /** One line on a failure: its exit code, its signal, or why it did not start. */
  readonly why: string;
}
export interface RunOptions {
  /** What it reads; default: nothing. */
  readonly input?: string;
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program, without a shell and in English, until it has ended. Never throws. Compilers are run through Node's
 * own function: a package for it takes longer to load than `gcc --version` takes to answer.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { input = "", env: more, ...options }: RunOptions = {},
): Promise<Ended> {
  const env = { ...process.env, LC_ALL: "C", ...more };
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { ...options, env, maxBuffer: Number.POSITIVE_INFINITY },
      (error, stdout, stderr) => {
        const ended: Ended = {
          failed: error !== null,
          stopped: error?.name === "AbortError",
          stdout: stdout.replace(/\n$/, ""),
          stderr: stderr.replace(/\n$/, ""),
          why: error === null ? "" : reason(error),
        };
        // Node reports a stop when it asks for it; the program still has its files open.
        const running = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
        if (running) child.once("exit", () => resolve(ended));
        else resolve(ended);
      },
    );
    // One that ends without reading everything says why by its exit code.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

function reason({ code, signal, message }: ExecFileException): string {
  if (typeof signal === "string") return `it was ended by ${signal}`;
  return typeof code === "number" ? `it ended with exit code ${code}` : message;
}
