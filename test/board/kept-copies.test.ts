import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenBoardOptions, openBoard } from "../../compiler/device/open-board.ts";
import type { Runner } from "../../compiler/device/runner.ts";
import { sha256 } from "../../compiler/support/stable.ts";
import { messageOf } from "../device/message-of.ts";
import { amount } from "../support/amount.ts";
import { isRunning } from "../support/is-running.ts";
import { type LoopbackBoard, startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { job, useBoardProgram } from "./board-program.ts";

/** What is kept on a board, and whose it is: copies, uploads that were cut, folders of runs, the lock of the machine. */
let board: LoopbackBoard;
let neighbour: LoopbackBoard;
const program = useBoardProgram();
const notices: string[] = [];

beforeAll(async () => {
  board = await startLoopbackBoard();
  // another account of the same machine: another home, one lock
  neighbour = await startLoopbackBoard({ alias: "neighbour", lockFolder: join(board.folder, "lock") });
});
afterAll(() => {
  neighbour?.stop();
  board?.stop();
});

async function open(on: LoopbackBoard, options: OpenBoardOptions = {}): Promise<Runner> {
  const notice = (text: string): void => void notices.push(text);
  return (await openBoard(on.destination, { sshConfig: on.sshConfigPath, notice, ...options })).runner;
}
async function using<T>(options: OpenBoardOptions, work: (runner: Runner) => Promise<T>): Promise<T> {
  const runner = await open(board, options);
  try {
    return await work(runner);
  } finally {
    await runner.close();
  }
}
const kept = (): string => join(board.home, ".cache/tilewright");
const copies = (folder = kept()): string[] =>
  readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
const bytesOf = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => {
    const found = statSync(join(folder, name));
    return found.isFile() ? sum + found.size : sum;
  }, 0);
const programCopy = (): string =>
  join(kept(), copies().find((name) => statSync(join(kept(), name)).size > 100_000) ?? "none");

/** Overwrites a part of a file in place: its size stays as it was. */
function damage(file: string, at: number, bytes: number, by = 0): void {
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.alloc(bytes, by), 0, bytes, at);
  closeSync(handle);
}

/** Another program of the same size. */
function variant(i: number): string {
  const file = `${program()}-${i}`;
  const data = Buffer.alloc(300_000, `variant ${i} `);
  writeFileSync(file, data);
  return file;
}

describe("a copy on the board", () => {
  test("that was damaged is never run: it is sent again, and that is told", async () => {
    await using({}, async (runner) => {
      await runner.run(job(program(), ["hello"]));
      // 64 kB of zeros where the program's code is; a single byte near its end
      for (const [at, bytes, by] of [
        [0x1000, 65_536, 0],
        [statSync(programCopy()).size - 100, 1, 0xa5],
      ] as const) {
        damage(programCopy(), at, bytes, by);
        notices.length = 0;
        const { stdout } = await runner.run(job(program(), ["hello"]));
        expect(stdout).toBe("hello from 64-bit\n");
        expect(notices).toEqual([
          "warning: the program that `loopback-rpi4` kept is not what was sent: it is sent again",
        ]);
      }
    });
  });

  test("of another program, which the first one runs, is checked as well", async () => {
    await using({}, async (runner) => {
      const other = variant(77);
      const path = join(kept(), sha256(readFileSync(other)));
      const both = job(program(), ["echo", "--with"], { other });
      const said = `<--with>\n<${path}>\n`;
      expect((await runner.run(both)).stdout).toBe(said);
      damage(path, 1000, 1);
      notices.length = 0;
      expect((await runner.run(both)).stdout).toBe(said);
      expect(readFileSync(path)).toEqual(readFileSync(other));
      expect(notices).toEqual([
        "warning: the program that `loopback-rpi4` kept is not what was sent: it is sent again",
      ]);
      damage(programCopy(), 0x1000, 65_536);
      expect((await runner.run(both)).stdout).toBe(said);
      expect(notices).toHaveLength(2);
    });
  });

  test("that was removed while it is used is sent again, without a warning", async () => {
    await using({}, async (runner) => {
      await runner.run(job(program(), ["hello"]));
      for (const name of copies()) rmSync(join(kept(), name));
      notices.length = 0;
      expect((await runner.run(job(program(), ["hello"]))).stdout).toBe("hello from 64-bit\n");
      expect(notices).toEqual([]);
    });
  });

  test("of a script that was damaged is not run either", async () => {
    await using({}, async (runner) => {
      await runner.run(job(program(), ["hello"]));
      for (const name of copies().filter((copy) => join(kept(), copy) !== programCopy()))
        damage(join(kept(), name), 5, 1);
      notices.length = 0;
      expect((await runner.run(job(program(), ["hello"]))).stdout).toBe("hello from 64-bit\n");
      expect((await runner.readState?.())?.machine).toBeDefined();
      expect(notices).toEqual(
        Array(2).fill("warning: the script that `loopback-rpi4` kept is not what was sent: it is sent again"),
      );
    });
  });

  test("stays within the limit of all, and the oldest go first", async () => {
    const remoteDir = "kept/here";
    const folder = join(board.home, remoteDir);
    await using({ remoteDir, remoteLimitBytes: 1_000_000 }, async (runner) => {
      for (let i = 0; i < 6; i++) {
        await messageOf(runner.run(job(variant(i), [])));
        expect(bytesOf(folder)).toBeLessThanOrEqual(1_000_000);
        // as if each were used an hour after the one before
        for (const name of copies(folder)) {
          const { mtimeMs, size } = statSync(join(folder, name));
          if (size > 100_000) utimesSync(join(folder, name), new Date(), mtimeMs / 1000 - 3600);
        }
      }
      expect(copies(folder).filter((name) => statSync(join(folder, name)).size > 100_000)).toHaveLength(3);
      expect(await messageOf(runner.run(job(program(), ["hello"])))).toBe("no error");
      expect(bytesOf(folder)).toBeLessThanOrEqual(1_000_000);
    });
    await using({ remoteDir, remoteLimitBytes: 200_000 }, async (runner) => {
      expect(await messageOf(runner.run(job(variant(9), [])))).toBe(
        [
          "error[D162]: the program of 0.3 MiB has no room among the copies on `loopback-rpi4`",
          "  why:   they may take 0.2 MiB together, with what others are sending now",
          "  help:  let them take more: --remote-limit 1MB",
        ].join("\n"),
      );
      expect(bytesOf(folder)).toBeLessThanOrEqual(200_000);
    });
  });
});

test("a folder that others can write to is refused", async () => {
  mkdirSync(join(board.home, "open"));
  expect(
    await messageOf(using({ remoteDir: "open" }, async (runner) => runner.run(job(program(), ["hello"])))),
  ).toBe("no error");
  const { chmodSync } = await import("node:fs");
  chmodSync(join(board.home, "open"), 0o777);
  expect(await messageOf(open(board, { remoteDir: "open" }))).toBe(
    [
      "error[D122]: cannot write open on `loopback-rpi4`",
      "  why:   other accounts can write there (mode drwxrwxrwx)",
      "  help:  see who owns the folder and whether its file system is read-only: `ls -ld` and `mount` there",
    ].join("\n"),
  );
});

test("uploads that are cut at any byte leave nothing behind after the next run", async () => {
  rmSync(kept(), { recursive: true, force: true });
  const size = statSync(program()).size;
  let broken = 0;
  const cuts = amount(5, 12);
  for (let cut = 1; cut <= cuts; cut++) {
    const link = await cutAfter(8000 + Math.floor((size * cut) / (cuts + 1)));
    const through: LoopbackBoard = {
      ...board,
      destination: `ssh://127.0.0.1:${(link.address() as AddressInfo).port}`,
    };
    const message = await messageOf(
      openBoard(through.destination, { sshConfig: configFor(link) }).then(async ({ runner }) => {
        await runner.run(job(program(), ["hello"])).finally(() => runner.close());
      }),
    );
    link.close();
    // What arrived before is not sent again, so a later one may come through, or is cut when it has arrived.
    if (message !== "no error") expect(message).toContain("error[D133]");
    if (readdirSync(kept()).some((name) => name.startsWith(".new-"))) broken++;
    for (const name of copies()) {
      expect(sha256(readFileSync(join(kept(), name)))).toBe(name);
      rmSync(join(kept(), name));
    }
  }
  expect(broken).toBeGreaterThan(amount(1, 3));
  expect(await using({}, (runner) => runner.run(job(program(), ["hello"])))).toMatchObject({ exitCode: 0 });
  expect(readdirSync(kept()).filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual(["runs"]);
  expect(readdirSync(join(kept(), "runs"))).toEqual([]);
}, 60_000);

describe("a result that is none", () => {
  const result = { name: "out.bin", bytes: 1000 };
  const swapped = async (how: (file: string) => void): Promise<string> =>
    using({}, async (runner) => {
      const data = new Uint8Array(1000);
      const files = [{ name: "in.bin", data }];
      const run = runner.run(
        job(program(), ["copy-and-wait", "in.bin", "out.bin"], { files, fetch: [result] }),
      );
      const runs = join(kept(), "runs");
      const file = (): string | undefined =>
        readdirSync(runs)
          .map((name) => join(runs, name, "files/out.bin"))
          .find((path) => existsSync(path) && statSync(path).size === 1000);
      for (let i = 0; i < 200 && file() === undefined; i++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      how(file() ?? "");
      return (await messageOf(run)).split("\n").slice(0, 2).join("\n");
    });
  const replace = (file: string, by: () => unknown): void => {
    rmSync(file);
    by();
  };
  const refused = (found: string): string =>
    `error[D139]: the result \`out.bin\` on \`loopback-rpi4\` is not what the program wrote\n  why:   1000 bytes were expected, ${found}`;
  const other = "and it is more, or no regular file";
  test.each([
    [
      "a link to what never ends",
      other,
      (file: string) => replace(file, () => symlinkSync("/dev/zero", file)),
    ],
    ["a pipe", other, (file: string) => replace(file, () => execFileSync("mkfifo", [file]))],
    ["a folder", other, (file: string) => replace(file, () => mkdirSync(file))],
    ["a terabyte of nothing", other, (file: string) => truncateSync(file, 2 ** 40)],
    ["too short", "12 are there", (file: string) => truncateSync(file, 12)],
  ])("is the board's fault: %s", async (_, found, how) => {
    expect(await swapped((file) => void how(file))).toBe(refused(found));
  });
});

test("two accounts of one machine never run at once", async () => {
  const [mine, theirs] = await Promise.all([open(board), open(neighbour, { lockWaitSeconds: 60 })]);
  try {
    await Promise.all([mine, theirs].map((runner) => runner.run(job(program(), ["hello"]))));
    const locks = join(board.folder, "lock");
    let most = 0;
    const running = (): number =>
      readdirSync(locks)
        .filter((name) => name.endsWith(".program"))
        .filter((name) => {
          try {
            return isRunning(readlinkSync(join(locks, name)).split(":")[0] ?? "");
          } catch {
            return false;
          }
        }).length;
    const watch = setInterval(() => {
      most = Math.max(most, running());
    }, 5);
    const began = Date.now();
    await Promise.all(
      [mine, theirs].map(async (runner) => {
        for (let i = 0; i < 2; i++) await runner.run(job(program(), ["sleep", "0.3"]));
      }),
    );
    clearInterval(watch);
    expect(Date.now() - began).toBeGreaterThan(1200);
    expect(most).toBe(1);
    // the neighbour's own folder has nothing of ours
    expect(readdirSync(join(neighbour.home, ".cache/tilewright")).toSorted()).not.toContain("lock");
  } finally {
    await Promise.all([mine.close(), theirs.close()]);
  }
}, 20_000);

/** A way to the board that breaks after so many bytes towards it. */
async function cutAfter(bytes: number): Promise<Server> {
  const server = createServer((socket: Socket) => {
    const onwards = connect(board.port, "127.0.0.1");
    let sent = 0;
    for (const end of [socket, onwards]) end.on("error", () => {});
    onwards.pipe(socket);
    socket.on("data", (chunk: Buffer) => {
      sent += chunk.length;
      if (sent > bytes) {
        socket.destroy();
        onwards.destroy();
      } else onwards.write(chunk);
    });
    socket.on("close", () => onwards.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function configFor(link: Server): string {
  const { port } = link.address() as AddressInfo;
  const file = join(board.folder, `config-${port}`);
  const known = `${file}-known`;
  writeFileSync(known, `[127.0.0.1]:${port} ${board.hostKey}\n`);
  writeFileSync(
    file,
    [
      "Host *",
      ...[`IdentityFile ${board.identityFile}`, "IdentitiesOnly yes", "IdentityAgent none"],
      ...[`UserKnownHostsFile ${known}`, "GlobalKnownHostsFile none", ""],
    ].join("\n"),
  );
  return file;
}
