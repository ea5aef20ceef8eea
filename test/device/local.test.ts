import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localRunner } from "../../compiler/device/local.ts";
import { qemuRunner } from "../../compiler/device/qemu.ts";
import type { Job } from "../../compiler/device/runner.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { messageOf } from "./message-of.ts";

const folder = temporaryFolder("local");
const runner = localRunner("host");

function job(script: string, more: Partial<Job> = {}): Job {
  const program = join(folder, `program-${readdirSync(folder).length}`);
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return { program, args: [], files: [], fetch: [], timeoutSeconds: 20, ...more };
}

test("a program runs in a folder of its own, which is removed", async () => {
  const result = await runner.run(
    job('cat in.txt; echo "<$1>"; pwd >&2; tr a-z A-Z <in.txt >out.txt; exit 3', {
      args: ["a b"],
      files: [{ name: "in.txt", data: Buffer.from("words\n") }],
      fetch: [{ name: "out.txt", bytes: 1000, orLess: true }],
    }),
  );
  expect([result.stdout, result.exitCode]).toEqual(["words\n<a b>\n", 3]);
  expect(Buffer.from(result.files.get("out.txt") ?? []).toString()).toBe("WORDS\n");
  expect(() => readdirSync(result.stderr.trim())).toThrow("ENOENT");
});

test("a program that takes too long is stopped", async () => {
  expect(await messageOf(runner.run(job("exec sleep 30", { timeoutSeconds: 0.2 })))).toContain(
    "error[D132]: the program did not end on `host` within 0.2 s and was stopped",
  );
});

test("a killed program is told so", async () => {
  expect(await messageOf(runner.run(job("echo layer 3 >&2; kill -ILL $$")))).toBe(
    [
      "error[D131]: the program was killed on `host` by SIGILL (illegal instruction)",
      "  why:   its last words were:",
      "         layer 3",
      "  help:  the program uses instructions that this core does not have:",
      "  help:  check that --target names the board it runs on; a wrong -mcpu shows itself like this",
    ].join("\n"),
  );
});

test("a run can be interrupted, before and while it runs", async () => {
  const abort = new AbortController();
  const running = messageOf(runner.run(job("exec sleep 30", { signal: abort.signal })));
  setTimeout(() => abort.abort(), 100);
  expect(await running).toContain("error[D137]: the run on `host` was interrupted");
  expect(await messageOf(runner.run(job("true", { signal: abort.signal })))).toContain("error[D137]");
});

test("a missing result is told so", async () => {
  expect(await messageOf(runner.run(job("true", { fetch: [{ name: "out.bin", bytes: 4 }] })))).toContain(
    "error[D136]: the program left no file `out.bin` on `host`",
  );
});

test("a program for another machine is told so", async () => {
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(243, 18);
  const program = join(folder, "foreign");
  writeFileSync(program, header, { mode: 0o755 });
  expect(await messageOf(runner.run({ ...job("true"), program }))).toContain(
    "error[D134]: `host` cannot execute the program: it was built for RISC-V",
  );
});

test("no emulator is told with the package's name", () => {
  const path = process.env.PATH;
  process.env.PATH = folder;
  try {
    expect(() => qemuRunner("qemu-rpi4", "qemu-aarch64", "cortex-a72")).toThrow(
      "needs the emulator `qemu-aarch64`",
    );
  } finally {
    process.env.PATH = path;
  }
});
