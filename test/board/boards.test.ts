import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { tilewright } from "../cli/command-line.ts";
import { type LoopbackBoard, startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { job } from "./board-program.ts";

/** `tilewright boards`, on a board of this machine and one that hangs. */
const folder = mkdtempSync(join(tmpdir(), "boards-"));
const program = join(folder, "program.sh");
let board: LoopbackBoard;
let hanging: Server;
let port = 0;

beforeAll(async () => {
  vi.stubEnv("TILEWRIGHT_CACHE", join(folder, "cache"));
  vi.stubEnv("TILEWRIGHT_BOARDS", join(folder, "boards.json"));
  writeFileSync(program, '#!/bin/sh\necho started\nuntil [ -e "$1" ]; do sleep 0.05; done\n', {
    mode: 0o700,
  });
  board = await startLoopbackBoard({ machine: "aarch64" });
  hanging = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => hanging.on("listening", resolve));
  ({ port } = hanging.address() as { port: number });
  const pools = { farm: [board.destination, `127.0.0.1:${port}`] };
  writeFileSync(join(folder, "boards.json"), JSON.stringify({ pools }));
});
afterAll(() => {
  vi.unstubAllEnvs();
  board?.stop();
  hanging?.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async () =>
  (await openBoard(board.destination, { sshConfig: board.sshConfigPath, target: loadTarget("rpi4") })).runner;
const kept = (under = ""): string[] => readdirSync(join(board.home, ".cache/tilewright", under));
const DEAD = `${"0".repeat(8)}-77-${"0".repeat(16)}`;

test("what is known is listed: who answers, and who does not in time", async () => {
  await (await open()).close();
  const began = performance.now();
  const { code, out } = await tilewright("boards", "--json", "--timeout", "3");
  expect(performance.now() - began).toBeLessThan(8000);
  const [first, second] = JSON.parse(out);
  expect(code).toBe(0);
  expect(first).toMatchObject({
    ...{ board: board.destination, target: "rpi4", pools: ["farm"], reachable: true, lock: null },
    copies: { count: 2 },
    left: { count: 0, kib: 0 },
  });
  expect(second.error).toEqual({
    code: "D109",
    title: `\`127.0.0.1:${port}\` does not answer: it was to tell of itself, and said nothing for 3 s`,
  });
});

test("cleaning takes what is left and never what is in use", async () => {
  const runner = await open();
  const notes: string[] = [];
  const over = join(folder, "over");
  const running = runner.run(job(program, [over]));
  try {
    for (let i = 0; i < 100 && !(kept("runs")[0] ?? "").endsWith(".active"); i++)
      await new Promise((resolve) => setTimeout(resolve, 30));
    const living = kept("runs");
    // of this machine, by a process that is no more
    const mine = (living[0] ?? "").replace(/-\d+-.*$/, `-9999999999-${"1".repeat(16)}`);
    mkdirSync(join(board.home, ".cache/tilewright/runs", mine));
    mkdirSync(join(board.home, ".cache/tilewright/runs", DEAD));
    writeFileSync(join(board.home, `.cache/tilewright/.new-1-${"1".repeat(16)}-${mine}`), "part");
    const before = kept();
    const dry = await tilewright("boards", "clean", board.destination, "--dry-run");
    expect(kept()).toEqual(before);
    const { out, code } = await tilewright("boards", "clean", board.destination);
    expect(code).toBe(0);
    expect(
      out.replaceAll("removed", "would remove").replaceAll("kept", "would keep").replaceAll(/\d+ s/g, ""),
    ).toBe(dry.out.replaceAll(/\d+ s/g, ""));
    notes.push(...out.split("\n"));
    expect(kept("runs").sort()).toEqual([...living, DEAD].sort());
    expect(kept()).toEqual(before.filter((name) => !name.startsWith(".new-")));
  } finally {
    writeFileSync(over, "");
    expect((await running).stdout).toBe("started\n");
    await runner.close();
  }
  expect(notes[0]).toMatch(
    /^loopback-rpi4: removed 1 broken upload \(1 KiB\), 1 folder of a run \(\d KiB\)$/,
  );
  expect(notes[1]).toMatch(
    /^loopback-rpi4: kept 5 copies \(\d+ KiB\), 2 folders of runs \(\d+ KiB\): in use by \S+ \(process \d+ there\), for \d+ s now$/,
  );
});

test("cleaning takes copies and old locks when nobody has the machine", async () => {
  const locks = join(board.folder, "lock");
  for (const number of [1000, 1001, 1002])
    symlinkSync("99999999:1:boot:1:eve", join(locks, `lock.${number}`));
  const { out } = await tilewright("boards", "clean", board.destination, "--json");
  const [{ removed, kept: stays, stale_locks: stale }] = JSON.parse(out);
  expect(removed.map(({ kind }: { kind: string }) => kind)).toEqual(Array(5).fill("copy"));
  // of another machine and not old
  expect(stays.map(({ name }: { name: string }) => name)).toEqual([`runs/${DEAD}`]);
  expect(stale).toBeGreaterThanOrEqual(1);
  expect(kept().filter((name) => name !== "runs")).toEqual([]);
  expect(readdirSync(locks).sort()).toEqual(["lock.1002", "lock.1003"]);
  // and the board is as good as before
  const runner = await open();
  expect((await runner.run(job(program, ["/"]))).stdout).toBe("started\n");
  await runner.close();
});

test("a pool shares a sweep, and does without a board that is not there", async () => {
  const pools = { farm: ["ssh://127.0.0.1:1", board.destination] };
  writeFileSync(join(folder, "boards.json"), JSON.stringify({ pools }));
  // what is compiled here is kept for others
  vi.stubEnv("TILEWRIGHT_CACHE", "");
  const digits = new URL("../fixtures/digits/digits.onnx", import.meta.url).pathname;
  const { out, note, code } = await tilewright(
    ...["sweep", digits, "--G", "1", "--board", "farm", "--repeats", "1", "--json"],
    ...["--ssh-config", board.sshConfigPath, "--log", join(folder, "sweep.jsonl"), "--target", "rpi4"],
  );
  expect(code).toBe(0);
  expect(note).toContain(
    "warning: board `ssh://127.0.0.1:1` cannot be reached: 127.0.0.1 port 1 refused the connection; the others go on",
  );
  expect(JSON.parse(out).settings).toMatchObject([{ board: board.destination, setting: { G: 1 } }]);
});
