import { mkdirSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import type { Runner } from "../../compiler/device/runner.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { messageOf } from "../device/message-of.ts";
import { isRunning } from "../support/is-running.ts";
import type { LoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { until } from "../support/until.ts";
import { job, useBoardProgram } from "./board-program.ts";

let board: LoopbackBoard;
let runner: Runner;
const program = useBoardProgram();

beforeAll(async () => {
  board = await startLoopbackBoard();
  runner = await open();
});
afterAll(async () => {
  await runner?.close();
  board?.stop();
});

async function open(lockWaitSeconds?: number, notice?: (text: string) => void): Promise<Runner> {
  const opened = await openBoard(board.destination, {
    sshConfig: board.sshConfigPath,
    target: loadTarget("rpi4"),
    lockWaitSeconds,
    ...(notice !== undefined && { notice }),
  });
  return opened.runner;
}

const kept = (): string => join(board.home, ".cache/tilewright");
const leftovers = (): readonly string[] => readdirSync(join(kept(), "runs"));
const locks = (): string => join(board.folder, "lock");
/** Whether the machine's lock is held: of the highest lock there is a process that runs, and has not ended unasked for. */
function isLocked(): boolean {
  const numbers = readdirSync(locks()).flatMap((name) => /^lock\.(\d+)$/.exec(name)?.[1] ?? []);
  const top = Math.max(0, ...numbers.map(Number));
  if (top === 0) return false;
  const [pid = ""] = readlinkSync(join(locks(), `lock.${top}`)).split(":");
  return isRunning(pid);
}

describe("a program on a board over ssh", () => {
  test("is sent, run, and its output comes back", async () => {
    const result = await runner.run(job(program(), ["hello"]));
    expect(result).toEqual({ stdout: "hello from 64-bit\n", stderr: "", exitCode: 0, files: new Map() });
  });

  test("gets its words as they are", async () => {
    const words = ["it's", "$HOME", "`id`", "$(id)", "a b", "", "*", "\\", '"', "new\nline", "; exit 3", "é"];
    const result = await runner.run(job(program(), ["echo", ...words]));
    expect(result.stdout).toBe(words.map((word) => `<${word}>\n`).join(""));
  });

  test("finds its files and leaves its results", async () => {
    const data = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) & 255);
    const result = await runner.run(
      job(program(), ["copy", "in.bin", "out.bin"], {
        files: [{ name: "in.bin", data }],
        fetch: [{ name: "out.bin", bytes: data.length }],
      }),
    );
    const back = result.files.get("out.bin");
    expect(
      back &&
        Buffer.compare(
          back,
          data.map((byte) => (byte + 1) & 255),
        ),
    ).toBe(0);
  });

  test("tells its own exit code, which is no failure of the board's", async () => {
    const result = await runner.run(job(program(), ["exit", "42"]));
    expect([result.exitCode, result.stderr]).toEqual([42, "leaving with 42\n"]);
  });

  test("is sent only once, and leaves nothing else behind", async () => {
    const programs = (): readonly string[] =>
      readdirSync(kept()).filter(
        (name) => /^[0-9a-f]{64}$/.test(name) && statSync(join(kept(), name)).size > 100_000,
      );
    await runner.run(job(program(), ["hello"]));
    const before = programs().map((name) => statSync(join(kept(), name)).ino);
    await runner.run(job(program(), ["hello"]));
    expect(programs()).toHaveLength(1);
    expect(programs().map((name) => statSync(join(kept(), name)).ino)).toEqual(before);
    expect(leftovers()).toEqual([]);
    expect(readdirSync(kept()).filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual(["runs"]);
  });

  test("is sent again when the board's copy is incomplete", async () => {
    await runner.run(job(program(), ["hello"]));
    const [copy = ""] = readdirSync(kept()).filter((name) => statSync(join(kept(), name)).size > 100_000);
    writeFileSync(join(kept(), copy), "torn");
    expect((await runner.run(job(program(), ["hello"]))).exitCode).toBe(0);
  });

  test.each([
    [9, "SIGKILL", "the board may be out of memory: see `dmesg | tail` there, and `free -m`"],
    [11, "SIGSEGV (bad memory access)", "please report it with the model and the command"],
    [4, "SIGILL (illegal instruction)", "a wrong -mcpu shows itself like this"],
  ])("killed by signal %i is told so", async (signal, name, help) => {
    const message = await messageOf(runner.run(job(program(), ["raise", String(signal)])));
    expect(message).toContain(`error[D131]: the program was killed on \`loopback-rpi4\` by ${name}`);
    expect(message).toContain(help);
    expect(leftovers()).toEqual([]);
  });

  test("that takes too long is stopped by the board", async () => {
    const started = Date.now();
    expect(await messageOf(runner.run(job(program(), ["sleep", "60"], { timeoutSeconds: 1 })))).toBe(
      [
        "error[D132]: the program did not end on `loopback-rpi4` within 1 s and was stopped",
        "  help:  give it longer with --timeout SECONDS, or run fewer repeats",
      ].join("\n"),
    );
    expect(Date.now() - started).toBeLessThan(6000);
    expect(leftovers()).toEqual([]);
    expect(isLocked()).toBe(false);
  });

  test("that never stops talking is stopped", async () => {
    expect(await messageOf(runner.run(job(program(), ["flood"], { timeoutSeconds: 60 })))).toBe(
      [
        "error[D135]: the program wrote more than 32 MiB of text on `loopback-rpi4` and was stopped",
        "  help:  ask for less output: fewer repeats, or no per-layer lines",
      ].join("\n"),
    );
    await until(() => leftovers().length === 0 && !isLocked());
  });

  test("that leaves no result is told so, with its last words", async () => {
    expect(
      await messageOf(
        runner.run(job(program(), ["exit", "0"], { fetch: [{ name: "output.bin", bytes: 4 }] })),
      ),
    ).toBe(
      [
        "error[D136]: the program left no file `output.bin` on `loopback-rpi4`",
        "  why:   it ended with exit code 0",
        "         its last words were:",
        "         leaving with 0",
      ].join("\n"),
    );
  });

  test("for another machine is told so", async () => {
    const header = Buffer.alloc(64);
    header.write("\x7fELF\x02\x01\x01", "latin1");
    header.writeUInt16LE(243, 18);
    const foreign = `${program()}-riscv`;
    writeFileSync(foreign, header);
    expect(
      (await messageOf(runner.run(job(foreign, [])))).replace(/is x86_64|is aarch64/, "is MACHINE"),
    ).toBe(
      [
        "error[D134]: `loopback-rpi4` cannot execute the program: it was built for RISC-V",
        "  why:   the board's machine is MACHINE (exec format error)",
        "  help:  give the target that the board is: --target NAME (`tilewright targets list` names them)",
      ].join("\n"),
    );
  });
});

describe("a board that is shared", () => {
  test("runs two callers' programs one after the other", async () => {
    const other = await open();
    try {
      const spans: [number, number][] = [];
      const timed = async (on: Runner): Promise<void> => {
        await on.run(job(program(), ["sleep", "0.5"]));
        spans.push([Date.now() - 500, Date.now()]);
      };
      await Promise.all([timed(runner), timed(other)]);
      const [first, second] = spans.sort((a, b) => a[1] - b[1]);
      expect((second?.[1] ?? 0) - (first?.[1] ?? 0)).toBeGreaterThan(450);
    } finally {
      await other.close();
    }
  });

  test("says who holds it when the wait is over", async () => {
    const notices: string[] = [];
    const impatient = await open(1, (text) => notices.push(text));
    try {
      const over = new AbortController();
      const long = messageOf(runner.run(job(program(), ["sleep", "15"], { signal: over.signal })));
      await until(isLocked);
      const plain = (text: string): string =>
        text
          .replace(/by \S+ \(process \d+/, "by SOMEBODY (process N")
          .replace(/for \d+ s now/, "for N s now");
      expect(plain(await messageOf(impatient.run(job(program(), ["hello"]))))).toBe(
        [
          "error[D123]: `loopback-rpi4` is in use by SOMEBODY (process N there), for N s now",
          "  why:   waited 1 s; two programs at a time would spoil each other's times",
          "  help:  run again later, or wait longer: --lock-wait 10m",
        ].join("\n"),
      );
      expect(notices.map(plain)).toEqual([
        "waiting up to 1 s for `loopback-rpi4`: in use by SOMEBODY (process N there), for N s now",
      ]);
      over.abort();
      expect(await long).toContain("error[D137]");
      await until(() => leftovers().length === 0 && !isLocked());
    } finally {
      await impatient.close();
    }
  });

  test("forgets the lock and the folder of a caller that died with the board", async () => {
    await runner.run(job(program(), ["hello"]));
    symlinkSync("1:1:another-boot:1:somebody@elsewhere", join(locks(), "lock.999"));
    mkdirSync(join(kept(), "runs/0000.active/files"), { recursive: true });
    expect((await runner.run(job(program(), ["hello"]))).exitCode).toBe(0);
    expect(leftovers()).toEqual([]);
    expect(isLocked()).toBe(false);
  });

  test("stops and forgets a run that its caller gave up", async () => {
    const abort = new AbortController();
    const run = messageOf(runner.run(job(program(), ["sleep", "30"], { signal: abort.signal })));
    await until(() => leftovers().some((name) => name.endsWith(".active")));
    abort.abort();
    expect(await run).toBe(
      [
        "error[D137]: the run on `loopback-rpi4` was interrupted",
        "  why:   the program was stopped and its folder removed",
      ].join("\n"),
    );
    await until(() => leftovers().length === 0 && !isLocked());
  });

  test("stops and forgets a run whose caller's connection broke", async () => {
    const doomed = await open();
    const run = messageOf(doomed.run(job(program(), ["sleep", "30"])));
    await until(() => leftovers().some((name) => name.endsWith(".active")));
    await doomed.close();
    expect(await run).toContain("error[D133]: the connection to `loopback-rpi4` was lost");
    await until(() => leftovers().length === 0 && !isLocked());
  });
});

describe("a board's account of itself", () => {
  test("is read without anything installed there", async () => {
    const state = await runner.readState?.();
    expect(state).toMatchObject({
      model: "Raspberry Pi 4 Model B (loopback, emulated by qemu-user)",
      zones: [{ name: "zone0", temperatureC: 48.312 }],
      throttling: { now: 0, since: 0 },
    });
    expect(state?.coreStates[0]).toMatchObject({
      ...{ governor: "performance", frequencyMHz: 1500, maxFrequencyMHz: 1500 },
    });
  });

  test("tells emulated times from measured ones", () => {
    expect(runner.timing).toBe(process.arch === "arm64" ? "measured" : "emulated");
  });
});

test("a lock that cannot be made is told so", async () => {
  rmSync(locks(), { recursive: true });
  writeFileSync(locks(), "no folder");
  try {
    expect((await messageOf(runner.run(job(program(), ["hello"])))).replaceAll(board.home, "HOME")).toBe(
      [
        "error[D122]: cannot write /tmp/tilewright on `loopback-rpi4`",
        "  why:   the board's shell cannot make it",
        "  help:  see who owns the folder and whether its file system is read-only: `ls -ld` and `mount` there",
      ].join("\n"),
    );
  } finally {
    rmSync(locks());
  }
});
