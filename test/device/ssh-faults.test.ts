import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import type { Job, JobResult } from "../../compiler/device/runner.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { end, type Faults, type FaultyBoard, type OnExec, startFaultyBoard } from "./faulty-board.ts";
import { messageOf } from "./message-of.ts";

const program = join(temporaryFolder("faults"), "program");
const header = Buffer.alloc(200_000);
header.write("\x7fELF\x02\x01\x01", "latin1");
header.writeUInt16LE(183, 18);
writeFileSync(program, header);

let board: FaultyBoard | undefined;
afterEach(() => {
  board?.stop();
  board = undefined;
});

async function run(faults: Faults, more: Partial<Job> = {}): Promise<JobResult> {
  board = await startFaultyBoard(faults);
  const { runner } = await openBoard("faulty", { sshConfig: board.sshConfigPath, lockWaitSeconds: 1 });
  try {
    return await runner.run({ program, args: [], files: [], fetch: [], timeoutSeconds: 5, ...more });
  } finally {
    await runner.close();
  }
}

/** The program ends in this way: what the board's script leaves in the run's folder, and the shell's status. */
function outcome(text: string, status: number, stderr = ""): OnExec {
  return (command, channel, on) => {
    const run = /'(\S+\/runs\/[^']+)'/.exec(command)?.[1];
    on.files.set(`${run}/outcome`, Buffer.from(`${text}\n`));
    const mark = `${/'(tilewright [0-9a-f]{32})'/.exec(command)?.[1]}\n`;
    end(channel, status, `noise of a start-up file\n${mark}out\n`, `${mark}${stderr}`);
  };
}

const message = async (faults: Faults, more: Partial<Job> = {}): Promise<string> =>
  (await messageOf(run(faults, more)))
    .replaceAll(board?.sshConfigPath ?? "", "CONFIG")
    .replaceAll(String(board?.port), "PORT");

describe("a run", () => {
  test("gives what the program said, without what start-up files said", async () => {
    expect(await run({ onExec: outcome("exit 7", 7, "err\n") })).toEqual({
      stdout: "out\n",
      stderr: "err\n",
      exitCode: 7,
      files: new Map(),
    });
  });

  test("whose connection is cut is told so", async () => {
    expect(await message({ onExec: (_command, _channel, on) => on.cut() })).toBe(
      [
        "error[D133]: the connection to `faulty` was lost",
        "  why:   the board or the network closed it",
        "  help:  see whether it has restarted (`uptime` there): undervoltage and heat do that under load",
        "  help:  then run again",
      ].join("\n"),
    );
  });

  test("whose shell dies without a word is told so", async () => {
    expect(await message({ onExec: (_command, channel) => channel.end() })).toContain(
      "why:   the command ended without an exit status",
    );
  });

  test("on a full disk is told so, and takes its half file away", async () => {
    expect(await message({ room: 100 * 1024 })).toBe(
      [
        "error[D121]: the disk of `faulty` is full: 195 KiB do not fit",
        "  why:   /home/pi/.cache/tilewright has 100 KiB left",
        "  help:  free some there; what Tilewright keeps can go: ssh -F CONFIG faulty rm -rf /home/pi/.cache/tilewright",
      ].join("\n"),
    );
    expect([...(board?.files.keys() ?? [])].filter((path) => path.includes("/.new-"))).toEqual([]);
  });

  test("whose results have no room is told so", async () => {
    const said = "error: an output file could not be written: No space left on device\n";
    expect(
      (await message({ room: 1e6, onExec: outcome("exit 3", 3, said) })).split("\n").slice(0, 2),
    ).toEqual([
      "error[D121]: the disk of `faulty` is full",
      "  why:   /home/pi/.cache/tilewright/runs has 976 KiB left",
    ]);
  });

  test("with a killed program is told so, with its last words", async () => {
    expect(await message({ onExec: outcome("exit 137", 137, "layer 3 of 12\n") })).toBe(
      [
        "error[D131]: the program was killed on `faulty` by SIGKILL",
        "  why:   its last words were:",
        "         layer 3 of 12",
        "  help:  the board may be out of memory: see `dmesg | tail` there, and `free -m`",
      ].join("\n"),
    );
  });

  test("that may not execute files is told so", async () => {
    expect(await message({ onExec: outcome("exit 126", 126, "sh: program: Permission denied\n") })).toBe(
      [
        "error[D138]: `faulty` does not allow programs in /home/pi/.cache/tilewright to be executed",
        "  why:   its last words were:",
        "         sh: program: Permission denied",
        "  help:  see whether its file system is mounted noexec: findmnt -T /home/pi/.cache/tilewright",
      ].join("\n"),
    );
  });

  test("that a hanging board never ends is given up", async () => {
    // the test's own limit is what notices one that is waited for
    const text = await message({ onExec: () => {} }, { timeoutSeconds: -14 });
    expect(text).toContain("error[D132]");
  });
});

test("a board lost between two runs is told so", async () => {
  board = await startFaultyBoard({ onExec: outcome("exit 0", 0) });
  const { runner } = await openBoard("faulty", { sshConfig: board.sshConfigPath });
  const job: Job = { program, args: [], files: [], fetch: [], timeoutSeconds: 5 };
  await runner.run(job);
  board.cut();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await messageOf(runner.run(job))).toContain("error[D133]: the connection to `faulty` was lost");
  await runner.close();
});

const HANGS = {
  session: "start a command",
  exec: "start to run a command",
  stat: "look for /home/pi/.cache/tilewright/HASH",
} as const;
const openHanging = async (ignores: keyof typeof HANGS, signal?: AbortSignal) => {
  const hanging = await startFaultyBoard({ ignores });
  let began = performance.now();
  signal?.addEventListener("abort", () => {
    began = performance.now();
  });
  const text = await messageOf(openBoard("faulty", { sshConfig: hanging.sshConfigPath, signal }));
  hanging.stop();
  return {
    text: text.split("\n")[0]?.replace(/[0-9a-f]{64}/, "HASH"),
    seconds: (performance.now() - began) / 1000,
  };
};

/** Each waits for a board of its own. */
describe.concurrent("a board that never answers", () => {
  test.for(Object.entries(HANGS) as [keyof typeof HANGS, string][])(
    "is given up in time, and what it was to do is told: %s",
    async ([ignores, doing], { expect }) => {
      const { text, seconds } = await openHanging(ignores);
      expect(text).toBe(
        `error[D109]: \`faulty\` does not answer: it was to ${doing}, and said nothing for 3 s`,
      );
      expect(seconds).toBeLessThan(9);
    },
  );

  test("by its file protocol alone is asked by its shell", async ({ expect }) => {
    const silent = await startFaultyBoard({ ignores: "sftp" });
    const notices: string[] = [];
    const opening = openBoard("faulty", {
      sshConfig: silent.sshConfigPath,
      notice: (text) => notices.push(text),
    });
    await messageOf(opening);
    silent.stop();
    expect(notices).toEqual(["files of `faulty` go through its shell: its sftp does not answer"]);
  });
});

test("a board that never answers is left within a second when its caller gives up", async () => {
  const left = await Promise.all(
    Object.keys(HANGS).map((ignores) => openHanging(ignores as keyof typeof HANGS, AbortSignal.timeout(400))),
  );
  for (const { text, seconds } of left) {
    expect(text).toBe("error[D137]: the run on `faulty` was interrupted");
    expect(seconds).toBeLessThan(1);
  }
});

describe("a board", () => {
  test("that runs no commands is told so", async () => {
    expect(await message({ noExec: true })).toBe(
      [
        "error[D125]: `faulty` does not run commands for this account",
        "  why:   Unable to exec",
        "  help:  see what `ssh -F CONFIG faulty true` says",
      ].join("\n"),
    );
  });

  test("that refuses the login is told so", async () => {
    expect((await message({ refuseLogin: true })).replace(/key \S+/, "key FILE")).toBe(
      [
        "error[D114]: `faulty` refused the login of `pi`",
        "  why:   tried: key FILE",
        "         the board accepts: publickey, password",
        "  help:  put your key on the board: ssh-copy-id -F CONFIG faulty",
        "  help:  only keys and the ssh agent are used, never passwords",
      ].join("\n"),
    );
  });

  test("that drops some connections, as a busy sshd does, is asked again", async () => {
    expect((await run({ drops: 2, onExec: outcome("exit 0", 0) })).exitCode).toBe(0);
  });

  test("that drops all connections is told so", async () => {
    expect(await message({ drops: 99 })).toBe(
      [
        "error[D107]: board `faulty` did not complete an ssh handshake",
        "  why:   Connection lost before handshake",
        "  help:  see what `ssh -v -F CONFIG faulty` says",
      ].join("\n"),
    );
  });

  test("that never answers is told so", async () => {
    expect(await message({ silent: true })).toBe(
      [
        "error[D104]: board `faulty` cannot be reached: 127.0.0.1 port PORT: no answer within 1 s",
        "  help:  see that it has power and is on the network, and that no firewall is between you and it",
      ].join("\n"),
    );
  });

  test("that is not there is told so", async () => {
    const port = await unusedPort();
    expect((await messageOf(openBoard(`ssh://pi@127.0.0.1:${port}`))).replaceAll(String(port), "PORT")).toBe(
      [
        "error[D103]: board `ssh://pi@127.0.0.1:PORT` cannot be reached: 127.0.0.1 port PORT refused the connection",
        "  help:  the machine is there but no ssh server listens on that port;",
        "  help:  on a Raspberry Pi turn it on with `sudo raspi-config` (Interface Options, SSH), elsewhere `sudo systemctl start ssh`",
      ].join("\n"),
    );
  });

  test("whose name nobody knows is told so", async () => {
    expect(await messageOf(openBoard("pi@no-such-board.invalid"))).toBe(
      [
        "error[D102]: board `pi@no-such-board.invalid` cannot be reached: no address is known for no-such-board.invalid",
        "  help:  try `ping no-such-board.invalid`; a board on the local network is often called no-such-board.local",
      ].join("\n"),
    );
  });
});

function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
