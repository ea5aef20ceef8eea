import { z } from "zod";
import type { JobResult } from "../../device/runner.ts";
import { InternalError, UserError } from "../../support/diagnostic.ts";
import { jsonOf } from "../../support/json-of.ts";

/** Version of the lines that a program prints: TW_PROTOCOL in runtime-c/tw_runner.h. Programs of before it say none. */
const PROTOCOL = 1;

/** JSON has no infinity: 1e999 is read as one. */
const amount = z.custom<number>((value) => typeof value === "number");

/** Infinities and NaN are texts where they may stand. */
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

const line = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("program"), protocol: z.int().min(1) }),
  z.object({ kind: z.literal("layers"), first: z.int(), last: z.int() }),
  z.object({ kind: z.literal("compare"), output: z.string(), maxAbsError: amount, at: z.int() }),
  z.object({ kind: z.literal("run"), ns: z.number() }),
  z.object({
    kind: z.literal("network"),
    /** How many times there were, where not all are told. */
    runs: z.int().min(1).optional(),
    ns: z.array(z.number()).min(1),
  }),
  z.object({
    kind: z.literal("beside"),
    cycles: z.int().min(1),
    wallNs: z.number(),
    /** Seconds since the machine was started. */
    from: z.number().optional(),
    to: z.number().optional(),
    processNs: z.number(),
    machineNs: z.number().optional(),
    reference: z.array(z.number()).min(1),
  }),
  /** What follows is of one of two programs that take turns: 0 is the one that started both. */
  z.object({ kind: z.literal("turn"), side: z.union([z.literal(0), z.literal(1)]) }),
  z.object({ kind: z.literal("layer"), index: z.int().min(0), ns: z.array(z.number()).min(1) }),
  z.object({
    kind: z.literal("racer"),
    index: z.int().min(0),
    outcome: z.enum(["ok", "wrong", "overrun", "crashed", "timeout", "memory"]),
    ns: z.array(z.number()).optional(),
    reference: z.array(z.number()).optional(),
    signal: z.int().optional(),
    at: z.int().optional(),
    found: number.optional(),
    expected: number.optional(),
    bound: number.optional(),
  }),
]);
/** Other fields of a later version's first line are not known. */
const header = z.object({ kind: z.literal("program"), protocol: z.int() });
export type ProgramLine = z.infer<typeof line>;

/** Exit code of a compiled network's program when memory outside of its buffers was written. */
const GUARD = 6;

/** What a compiled network's program printed, when it ended well. Throws R101, R102, R103; an overrun is a bug. */
export function programLines(result: JobResult, board: string): ProgramLine[] {
  if (result.exitCode === GUARD)
    throw new InternalError(`a kernel wrote outside of its buffers:\n${result.stderr.trim()}`);
  if (result.exitCode !== 0) {
    throw new UserError({
      code: "R101",
      exit: "runFailed",
      title: `the compiled network ended with exit code ${result.exitCode} on \`${board}\``,
      why: result.stderr.trim() || "it said nothing",
    });
  }
  return result.stdout
    .split("\n")
    .filter((text) => text.trim() !== "")
    .map((text) => parseLine(text, board));
}

/** One line as a program prints it; undefined for what is none, which is refused when the program has ended. */
export function programLine(text: string): ProgramLine | undefined {
  const parsed = line.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : undefined;
}

function parseLine(text: string, board: string): ProgramLine {
  const value = jsonOf(text);
  const newer = header.safeParse(value);
  if (newer.success && newer.data.protocol > PROTOCOL) throw newerProgram(newer.data.protocol, board);
  const parsed = line.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UserError({
    code: "R102",
    exit: "runFailed",
    title: `the compiled network printed something unexpected on \`${board}\``,
    why: text.length > 200 ? `${text.slice(0, 200)}...` : text,
    help: ["a login message printed for commands too? Shells started by ssh must print nothing of their own"],
  });
}

function newerProgram(protocol: number, board: string): UserError {
  return new UserError({
    code: "R103",
    exit: "runFailed",
    title: `the compiled network on \`${board}\` was made by a newer Tilewright`,
    why: `it prints lines of version ${protocol}, this one reads version ${PROTOCOL}`,
    help: ["compile it anew with this one"],
  });
}
