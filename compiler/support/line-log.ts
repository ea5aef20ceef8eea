import { appendFile, type FileHandle, mkdir, open, readFile, stat, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { jsonOf } from "./json-of.ts";
import { openTextFile, readTextFile } from "./read-text-file.ts";
import { writeWhole } from "./write-whole.ts";

/** A file of JSON lines, only ever appended to, each on the disk before the next begins. */
export interface LineLog<T> {
  /** What was there when it was opened, and what was appended since. */
  readonly lines: readonly T[];
  /** Throws what its kind says: a disk may be full. */
  append(line: T): Promise<void>;
  close(): Promise<void>;
}

/** What says whether a value is a line of a log, as schemas of zod do. */
export interface LineSchema<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

/** What a kind of log holds, and what becomes of a file that is none, or of a line that is something else. */
export interface LogKind<T> {
  readonly schema: LineSchema<T>;
  /** The error for a file that cannot be read or written. */
  readonly unusable: (path: string, why: string, cause: unknown) => Error;
  /** Called with the number of a line, from 1, that is not of the schema, and why: throws, or has it left out. */
  readonly onOdd: (path: string, line: number, why: string) => void;
  /** The error for a file of which no line is of the schema: it is somebody's, and must not be written to. */
  readonly foreign?: (path: string) => Error;
}

/**
 * Opens a log, creating it when there is none. A last line without its end was cut off by a crash: it is removed. Throws
 * what its kind says.
 */
export async function openLineLog<T>(path: string, kind: LogKind<T>): Promise<LineLog<T>> {
  const text = await readText(path, kind);
  const whole = wholeLines(text);
  const lines = [...parseLines(path, whole, kind)];
  const isTornLog = whole === "" && text.startsWith("{");
  if (kind.foreign !== undefined && text !== "" && lines.length === 0 && !isTornLog) throw kind.foreign(path);
  try {
    // Of the bytes: half a character at the end is none in the text.
    if (whole.length < text.length) await truncate(path, (await readFile(path)).lastIndexOf("\n") + 1);
    await mkdir(dirname(path), { recursive: true });
    let file = await open(path, "a");
    return {
      lines,
      append: async (line) => {
        try {
          file = await appended(path, file, `${JSON.stringify(line)}\n`);
        } catch (error) {
          throw kind.unusable(path, messageOf(error), error);
        }
        lines.push(line);
      },
      close: () => file.close(),
    };
  } catch (error) {
    throw kind.unusable(path, messageOf(error), error);
  }
}

/** Appends to the file of a path: where another one has taken its place meanwhile, to that, which is given back. */
async function appended(path: string, file: FileHandle, text: string): Promise<FileHandle> {
  await file.appendFile(text);
  await file.sync();
  const [own, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  if (there === undefined || there.ino === own.ino) return file;
  await file.close();
  return appended(path, await open(path, "a"), text);
}

/** The lines of a log, which stays as it is; none when there is no such file. Throws what its kind says. */
export async function readLineLog<T>(path: string, kind: LogKind<T>): Promise<readonly T[]> {
  return parseLines(path, wholeLines(await readText(path, kind)), kind);
}

/** A log of which some lines are kept. */
export interface KeptLines<T> {
  readonly lines: readonly T[];
  readonly kept: readonly T[];
  /** As they are written, with those that are none of the schema, which are not spoken of. */
  readonly text: string;
}

/** What is left of a log, which stays as it is; nothing of one that is not there. Throws what its kind says. */
export async function keepLines<T>(
  path: string,
  kind: LogKind<T>,
  keep: (lines: readonly T[]) => readonly T[],
): Promise<KeptLines<T>> {
  return keptOf(await readText(path, kind), kind, keep);
}

/**
 * Leaves only some lines in a log. Others may append to it meanwhile: what came to the old file after it was read is written to
 * the new one, and what comes later they write there themselves, as `append` does. Throws what its kind says, what `keep` does, and C302.
 */
export async function pruneLines<T>(
  path: string,
  kind: LogKind<T>,
  keep: (lines: readonly T[]) => readonly T[],
): Promise<KeptLines<T>> {
  const old = await openTextFile(path, MOST_BYTES).catch((error: Error) => {
    throw kind.unusable(path, error.message, error);
  });
  try {
    const bytes = await old.readFile();
    const end = bytes.lastIndexOf("\n") + 1;
    const left = keptOf(bytes.toString("utf8", 0, end), kind, keep);
    await writeWhole(path, left.text);
    const late = Buffer.concat([bytes.subarray(end), await old.readFile()]);
    await appendFile(path, late.subarray(0, late.lastIndexOf("\n") + 1));
    return left;
  } finally {
    await old.close();
  }
}

function keptOf<T>(
  text: string,
  kind: LogKind<T>,
  keep: (lines: readonly T[]) => readonly T[],
): KeptLines<T> {
  const rows = rowsOf(wholeLines(text), kind);
  const lines = rows.flatMap(({ parsed }) => (parsed.success ? [parsed.data] : []));
  const kept = keep(lines);
  const chosen = new Set(kept);
  const left = rows.filter(({ parsed }) => !parsed.success || chosen.has(parsed.data));
  return { lines, kept, text: left.map(({ text: row }) => `${row}\n`).join("") };
}

/** Years of work. */
const MOST_BYTES = 2 ** 28;

async function readText<T>(path: string, { unusable }: LogKind<T>): Promise<string> {
  return readTextFile(path, MOST_BYTES).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw unusable(path, error.message, error);
  });
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

/** Lines that are not empty, with their numbers from 1, and what each is of the schema. */
function rowsOf<T>(text: string, { schema }: Pick<LogKind<T>, "schema">) {
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const value = jsonOf(line);
    return [{ text: line, number: i + 1, isJson: value !== undefined, parsed: schema.safeParse(value) }];
  });
}

function parseLines<T>(path: string, text: string, kind: LogKind<T>): readonly T[] {
  const odd: (() => void)[] = [];
  const lines = rowsOf(text, kind).flatMap(({ number, isJson, parsed }) => {
    if (parsed.success) return [parsed.data];
    const why = isJson ? "it is JSON of something else" : "it is not JSON";
    odd.push(() => kind.onOdd(path, number, why));
    return [];
  });
  // of somebody else's file it is said once that it is that, not of each line
  if (lines.length > 0 || kind.foreign === undefined) for (const tell of odd) tell();
  return lines;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
