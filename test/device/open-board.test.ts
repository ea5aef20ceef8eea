import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { messageOf } from "./message-of.ts";

const sshConfig = join(temporaryFolder("open-board"), "config");
writeFileSync(sshConfig, "GlobalKnownHostsFile none\n");

test("a target that runs here is a board", async () => {
  const { runner, target } = await openBoard("host");
  expect([runner.board, runner.timing, target?.name]).toEqual(["host", "measured", "host"]);
});

test("a slip of the pen is corrected", async () => {
  const message = await messageOf(openBoard("qemu-rpi44", { sshConfig }));
  expect(message.split("\n")).toEqual([
    "error[D101]: no board is named `qemu-rpi44`",
    "  why:   it is neither a target that runs here, nor a host alias of your ssh configuration, nor a known host name",
    "  help:  did you mean `qemu-rpi4`?",
    expect.stringMatching(
      /^ {2}help: {2}boards that run here: host, qemu-.*; any other is given as user@host$/,
    ),
  ]);
});

test("a kind of board is no place", async () => {
  expect(await messageOf(openBoard("rpi4", { sshConfig }))).toBe(
    [
      "error[D142]: `rpi4` is a kind of board; say where yours is",
      "  help:  --board user@host --target rpi4",
      "  help:  without the hardware: --board qemu-rpi4",
    ].join("\n"),
  );
});

test("a pool is several boards", async () => {
  const file = `${sshConfig}-boards.json`;
  writeFileSync(file, '{"pools": {"my-farm": ["pi@a", "pi@b"]}}');
  vi.stubEnv("TILEWRIGHT_BOARDS", file);
  try {
    expect(await messageOf(openBoard("my-farm", { sshConfig }))).toBe(
      [
        "error[D185]: `my-farm` is a pool of several boards, and this is done on one",
        "  help:  take one of them: pi@a, pi@b",
        "  help:  `sweep` and `tune` spread work over a pool",
      ].join("\n"),
    );
  } finally {
    vi.unstubAllEnvs();
  }
});
