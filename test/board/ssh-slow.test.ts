import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { uploadName, withOwnedName } from "../../compiler/device/owned-names.ts";
import type { Job, Runner } from "../../compiler/device/runner.ts";
import { sha256 } from "../../compiler/support/stable.ts";
import { messageOf } from "../device/message-of.ts";
import type { LoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { type SlowLink, startSlowLink } from "../support/slow-link.mjs";

const folder = mkdtempSync(join(tmpdir(), "ssh-slow-"));
const SIZE = 300_000;
let board: LoopbackBoard;
let slow: SlowLink;
let fast: SlowLink;
const notices: string[] = [];

beforeAll(async () => {
  board = await startLoopbackBoard();
  slow = await startSlowLink(board.port, { bytesPerSecond: 75_000, delayMs: 20 });
  fast = await startSlowLink(board.port);
});
afterAll(() => {
  slow?.stop();
  fast?.stop();
  board?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  notices.splice(0);
});

const open = async (link: SlowLink, signal?: AbortSignal): Promise<Runner> => {
  const config = join(folder, `config-${link.port}`);
  const known = join(folder, `known-${link.port}`);
  writeFileSync(known, `[127.0.0.1]:${link.port} ${board.hostKey}\n`);
  const lines = readFileSync(board.sshConfigPath, "utf8")
    .replace(String(board.port), String(link.port))
    .replace(board.knownHosts, known);
  // Three seconds without a byte are too many.
  writeFileSync(config, `ServerAliveInterval 1\nServerAliveCountMax 2\n${lines}`);
  const notice = (text: string): void => void notices.push(text);
  return (await openBoard(board.destination, { sshConfig: config, notice, signal })).runner;
};
/** A program that takes four seconds on the slow way. */
const newJob = (): Job => {
  const program = join(folder, randomBytes(4).toString("hex"));
  const head = Buffer.from("#!/bin/sh\necho arrived\nexit\n");
  writeFileSync(program, Buffer.concat([head, randomBytes(SIZE - head.length)]), { mode: 0o700 });
  return { program, args: [], files: [], fetch: [], timeoutSeconds: 10 };
};
const kept = (): string => join(board.home, ".cache/tilewright");
const parts = (): readonly string[] =>
  existsSync(kept()) ? readdirSync(kept()).filter((name) => name.startsWith(".new-")) : [];

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(holds()).toBe(true);
}
const partBytes = (): number =>
  parts().reduce((sum, name) => sum + readFileSync(join(kept(), name)).length, 0);

test("a program that takes longer on the way than a board may be silent arrives, and how far it is is said", async () => {
  const runner = await open(slow);
  const { stdout } = await runner.run(newJob());
  await runner.close();
  expect(stdout).toBe("arrived\n");
  expect(notices[0]).toMatch(/^sent \d+ KiB of 293 KiB to `loopback-rpi4`, \d+ KiB\/s, \d+ s to go$/);
});

test("an upload that is cut off goes on where it was, and leaves nothing", async () => {
  const job = newJob();
  const cut = await open(slow);
  const failing = messageOf(cut.run(job));
  await until(() => partBytes() > SIZE / 3);
  slow.cut();
  expect(await failing).toContain("error[D133]");
  await cut.close();
  expect(parts()).toHaveLength(1);
  const before = fast.bytesThere();
  const runner = await open(fast);
  expect((await runner.run(job)).stdout).toBe("arrived\n");
  await runner.close();
  expect(fast.bytesThere() - before).toBeLessThan(SIZE * 0.8);
  expect(parts()).toEqual([]);
});

test("what an upload has left is not gone on with where it is not what was sent", async () => {
  const job = newJob();
  const sum = sha256(readFileSync(job.program));
  const name = await withOwnedName(async (owned) => uploadName(293, sum, owned));
  writeFileSync(join(kept(), name), Buffer.alloc(SIZE / 3));
  const runner = await open(fast);
  expect((await runner.run(job)).stdout).toBe("arrived\n");
  await runner.close();
  expect(parts()).toEqual([]);
});

test("a caller who gives up while it is sent is heard within a second, and nothing is left", async () => {
  const giveUp = new AbortController();
  const runner = await open(slow, giveUp.signal);
  const running = messageOf(runner.run({ ...newJob(), signal: giveUp.signal }));
  await until(() => partBytes() > 0);
  const began = performance.now();
  giveUp.abort();
  expect(await running).toContain("error[D137]");
  await runner.close();
  expect(performance.now() - began).toBeLessThan(1000);
  // What is still on the way holds the last word up.
  const next = await open(fast);
  await next.run({ ...newJob(), program: "/bin/true" });
  await next.close();
  await until(() => parts().length === 0 && readdirSync(join(kept(), "runs")).length === 0);
});

test("a link that is silent for too long is lost", async () => {
  const runner = await open(fast);
  const running = messageOf(runner.run({ ...newJob(), program: "/bin/true" }));
  await fast.pause(4500);
  expect((await running).split("\n").slice(0, 2)).toEqual([
    "error[D133]: the connection to `loopback-rpi4` was lost",
    "  why:   not a byte came for 3 s",
  ]);
  await runner.close();
});
