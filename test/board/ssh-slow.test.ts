import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, type TestContext, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { uploadName, withOwnedName } from "../../compiler/device/owned-names.ts";
import type { Job, Runner } from "../../compiler/device/runner.ts";
import { sha256 } from "../../compiler/support/stable.ts";
import { messageOf } from "../device/message-of.ts";
import type { LoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { type SlowLink, startSlowLink } from "../support/slow-link.mjs";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

const folder = temporaryFolder("ssh-slow");
const SIZE = 300_000;
let board: LoopbackBoard;
beforeAll(async () => {
  board = await startLoopbackBoard();
});
afterAll(() => board?.stop());

/** A program that takes four seconds on the slow way. */
function newJob(): Job {
  const program = join(folder, randomBytes(4).toString("hex"));
  const head = Buffer.from("#!/bin/sh\necho arrived\nexit\n");
  writeFileSync(program, Buffer.concat([head, randomBytes(SIZE - head.length)]), { mode: 0o700 });
  return { program, args: [], files: [], fetch: [], timeoutSeconds: 10 };
}

/** Ways to the board and a folder there, for one test alone: they wait most of the time, so all do at once. */
async function ways({ onTestFinished }: TestContext) {
  const slow = await startSlowLink(board.port, { bytesPerSecond: 75_000, delayMs: 20 });
  const fast = await startSlowLink(board.port);
  onTestFinished(() => {
    slow.stop();
    fast.stop();
  });
  const remoteDir = `slow-${slow.port}`;
  const kept = join(board.home, remoteDir);
  const notices: string[] = [];
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
    return (await openBoard(board.destination, { sshConfig: config, remoteDir, notice, signal })).runner;
  };
  const parts = (): readonly string[] =>
    existsSync(kept) ? readdirSync(kept).filter((name) => name.startsWith(".new-")) : [];
  // A script's is complete, and gone, in a moment.
  const partBytes = (): number =>
    parts().reduce(
      (sum, name) => sum + (statSync(join(kept, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  return { slow, fast, kept, notices, open, parts, partBytes };
}

describe.concurrent("a link that is slow", () => {
  test("carries a program for longer than a board may be silent, and how far it is is said", async (context) => {
    const { slow, open, notices } = await ways(context);
    const runner = await open(slow);
    const { stdout } = await runner.run(newJob());
    await runner.close();
    context.expect(stdout).toBe("arrived\n");
    context
      .expect(notices[0])
      .toMatch(/^sent \d+ KiB of 293 KiB to `loopback-rpi4`, \d+ KiB\/s, \d+ s to go$/);
  });

  test("may be cut: an upload goes on where it was, and leaves nothing", async (context) => {
    const { slow, fast, open, parts, partBytes } = await ways(context);
    const job = newJob();
    const cut = await open(slow);
    const failing = messageOf(cut.run(job));
    await until(() => partBytes() > SIZE / 3);
    slow.cut();
    context.expect(await failing).toContain("error[D133]");
    await cut.close();
    context.expect(parts()).toHaveLength(1);
    const runner = await open(fast);
    context.expect((await runner.run(job)).stdout).toBe("arrived\n");
    await runner.close();
    context.expect(fast.bytesThere()).toBeLessThan(SIZE * 0.8);
    context.expect(parts()).toEqual([]);
  });

  test("has left what is not gone on with where it is not what was sent", async (context) => {
    const { fast, open, kept, parts } = await ways(context);
    const job = newJob();
    const sum = sha256(readFileSync(job.program));
    const name = await withOwnedName(async (owned) => uploadName(293, sum, owned));
    await (await open(fast)).close();
    writeFileSync(join(kept, name), Buffer.alloc(SIZE / 3));
    const runner = await open(fast);
    context.expect((await runner.run(job)).stdout).toBe("arrived\n");
    await runner.close();
    context.expect(parts()).toEqual([]);
  });

  test("holds nobody up who gives up while it is used, and nothing is left", async (context) => {
    const { slow, fast, open, kept, parts, partBytes } = await ways(context);
    const giveUp = new AbortController();
    const runner = await open(slow, giveUp.signal);
    const running = messageOf(runner.run({ ...newJob(), signal: giveUp.signal }));
    await until(() => partBytes() > 0);
    const began = performance.now();
    giveUp.abort();
    context.expect(await running).toContain("error[D137]");
    await runner.close();
    context.expect(performance.now() - began).toBeLessThan(1000);
    // What is still on the way holds the last word up.
    const next = await open(fast);
    await next.run({ ...newJob(), program: "/bin/true" });
    await next.close();
    await until(() => parts().length === 0 && readdirSync(join(kept, "runs")).length === 0);
  });

  test("and silent for too long is lost", async (context) => {
    const { fast, open } = await ways(context);
    const runner = await open(fast);
    const running = messageOf(runner.run({ ...newJob(), program: "/bin/true" }));
    void fast.pause(20_000);
    context
      .expect((await running).split("\n").slice(0, 2))
      .toEqual([
        "error[D133]: the connection to `loopback-rpi4` was lost",
        "  why:   not a byte came for 3 s",
      ]);
    fast.cut();
    await runner.close();
  });
});
