import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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
