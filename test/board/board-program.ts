import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll } from "vitest";
import type { Job } from "../../compiler/device/runner.ts";

/** Compiles the tests' program for the board, in a folder that goes with the test file. */
export function useBoardProgram(): () => string {
  let program = "";
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), "board-program-"));
    program = join(folder, "program");
    const source = new URL("board-program.c", import.meta.url).pathname;
    execFileSync("aarch64-linux-gnu-gcc", ["-O1", "-static", "-o", program, source]);
    return () => rmSync(folder, { recursive: true, force: true });
  });
  return () => program;
}

/** A job of the tests' program. */
export function job(program: string, args: readonly string[], more: Partial<Job> = {}): Job {
  return { program, args, files: [], fetch: [], timeoutSeconds: 20, ...more };
}
