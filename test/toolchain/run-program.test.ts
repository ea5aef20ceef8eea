import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { runProgram } from "../../compiler/toolchain/run-program.ts";
import { isRunning } from "../support/is-running.ts";

const node = (script: string, options = {}, args: readonly string[] = []) =>
  runProgram(process.execPath, ["-e", script, ...args], options);

test("what a program reads, prints and returns", async () => {
  const ended = await node("process.stdin.pipe(process.stdout); console.error(process.env.LC_ALL)", {
    input: "a\n\n",
  });
  expect(ended).toEqual({ failed: false, stopped: false, stdout: "a\n", stderr: "C", why: "" });
  expect(await node("process.exit(3)")).toMatchObject({ failed: true, why: "it ended with exit code 3" });
  expect(await node("process.kill(process.pid, 'SIGKILL')")).toMatchObject({
    why: "it was ended by SIGKILL",
  });
});

test("one that does not start, one that does not read", async () => {
  const missing = await runProgram("/nowhere/gcc", []);
  expect(missing).toMatchObject({ failed: true, stdout: "", why: "spawn /nowhere/gcc ENOENT" });
  expect(await node("process.exit(0)", { input: "x".repeat(1 << 20) })).toMatchObject({ failed: false });
});

test("much output is kept", async () => {
  expect((await node("process.stdout.write('x'.repeat(3e6))")).stdout.length).toBe(3e6);
});

test("a program that is stopped has gone when that is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-run-"));
  try {
    const told = join(folder, "pid");
    const stop = new AbortController();
    const running = node(
      `process.on('SIGTERM', () => setTimeout(() => process.exit(), 200)); setInterval(() => {}, 1e3);
       const { writeFileSync, renameSync } = require('node:fs');
       writeFileSync(process.argv[1] + '.part', String(process.pid)); renameSync(process.argv[1] + '.part', process.argv[1]);`,
      { signal: stop.signal },
      [told],
    );
    await vi.waitUntil(() => existsSync(told), { timeout: 30_000 });
    stop.abort();
    expect((await running).stopped).toBe(true);
    expect(isRunning(readFileSync(told, "utf8"))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
