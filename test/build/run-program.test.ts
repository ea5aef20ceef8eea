import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { runProgram } from "../../compiler/build/run-program.ts";

const node = (script: string, options = {}) => runProgram(process.execPath, ["-e", script], options);

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
  const stop = new AbortController();
  const running = node(
    "console.log(process.pid); process.on('SIGTERM', () => setTimeout(() => process.exit(), 200)); setInterval(() => {}, 1e3)",
    { signal: stop.signal },
  );
  setTimeout(() => stop.abort(), 500);
  const { stopped, stdout } = await running;
  expect(stopped).toBe(true);
  expect(existsSync(`/proc/${stdout.trim()}`)).toBe(false);
});
