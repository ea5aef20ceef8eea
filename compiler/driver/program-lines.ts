import { z } from "zod";
import type { JobResult } from "../device/runner.ts";
import { InternalError, UserError } from "../support/diagnostic.ts";

const line = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("run"), ns: z.number() }),
  z.object({ kind: z.literal("network"), ns: z.array(z.number()).min(1) }),
  z.object({ kind: z.literal("layer"), index: z.int().min(0), ns: z.array(z.number()).min(1) }),
]);
export type ProgramLine = z.infer<typeof line>;

/** Exit code of a compiled network's program when memory outside of its buffers was written. */
const GUARD = 6;

/** What a compiled network's program printed, when it ended well. Throws R101, R102; an overrun is a bug. */
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

function parseLine(text: string, board: string): ProgramLine {
  const parsed = line.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new UserError({
    code: "R102",
    exit: "runFailed",
    title: `the compiled network printed something unexpected on \`${board}\``,
    why: text.length > 200 ? `${text.slice(0, 200)}...` : text,
    help: ["a login message printed for commands too? Shells started by ssh must print nothing of their own"],
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
