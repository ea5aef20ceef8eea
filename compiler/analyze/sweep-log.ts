import { mkdir, open, readFile, stat, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../support/diagnostic.ts";
import { type SweepLine, sweepLineSchema } from "./sweep-line.schema.ts";

/** A sweep's log: JSON lines, only ever appended to, each on the disk before the next begins. */
export interface SweepLog {
  /** What was there when it was opened, and what was appended since. */
  readonly lines: readonly SweepLine[];
  append(line: SweepLine): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a log, creating it when there is none. A last line without its end was cut off by a crash: it is removed. Throws
 * R131 for a file that holds anything else than a sweep, R132 when it cannot be read or written.
 */
export async function openSweepLog(path: string): Promise<SweepLog> {
  const text = await readText(path);
  const whole = wholeLines(text);
  const lines = [...parseLines(path, whole)];
  try {
    if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "a");
    return {
      lines,
      append: async (line) => {
        await file.appendFile(`${JSON.stringify(line)}\n`);
        await file.sync();
        lines.push(line);
      },
      close: () => file.close(),
    };
  } catch (error) {
    throw unusable(path, error);
  }
}

/** The lines of a log, which stays as it is; none when there is no such file. Throws R131, R132. */
export async function readSweepLog(path: string): Promise<readonly SweepLine[]> {
  return parseLines(path, wholeLines(await readText(path)));
}

/** Years of sweeps. */
const MOST_BYTES = 2 ** 28;

async function readText(path: string): Promise<string> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MOST_BYTES) throw unusable(path, `it has ${size} bytes, the limit is ${MOST_BYTES}`);
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw unusable(path, error);
  });
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

function parseLines(path: string, text: string): readonly SweepLine[] {
  return text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : [parseLine(path, line, i)]));
}

function parseLine(path: string, text: string, index: number): SweepLine {
  const value = jsonOf(text);
  const parsed = sweepLineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UserError({
    code: "R131",
    exit: "badInput",
    title: `\`${path}\` is not the log of a sweep`,
    where: `line ${index + 1}`,
    why: value === undefined ? "it is not JSON" : "it is JSON of something else",
    help: ["give another file with --log, or remove this one"],
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(path: string, cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UserError(
    { code: "R132", exit: "usage", title: `the log \`${path}\` cannot be used`, why },
    { cause },
  );
}
