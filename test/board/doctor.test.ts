import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { tilewright } from "../cli/command-line.ts";
import { messageOf } from "../device/message-of.ts";
import { type LoopbackBoard, startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";

let board: LoopbackBoard;
beforeAll(async () => {
  board = await startLoopbackBoard({ machine: "aarch64" });
});
afterAll(() => board?.stop());
const access = (): string[] => ["--ssh-config", board.sshConfigPath];

describe("a board whose kind is not said", () => {
  test("is taken for what it says it is", async () => {
    const notices: string[] = [];
    const { runner, target } = await openBoard(board.destination, {
      sshConfig: board.sshConfigPath,
      notice: (text) => notices.push(text),
    });
    await runner.close();
    expect(target?.name).toBe("rpi4");
    expect(notices).toEqual([
      "`loopback-rpi4` is taken for rpi4: its device tree names it raspberrypi,4-model-b",
    ]);
  });

  test("is refused as another one before anything is compiled", async () => {
    const opened = openBoard(board.destination, {
      sshConfig: board.sshConfigPath,
      target: loadTarget("rpi5"),
    });
    expect(await messageOf(opened)).toBe(
      [
        "error[D143]: `loopback-rpi4` is no rpi5",
        "  why:   its cores lack fp16, dotprod, which code for cortex-a76 may use",
        "  help:  leave --target out, or give --target rpi4: its device tree names it raspberrypi,4-model-b",
      ].join("\n"),
    );
  });
});

describe("doctor", () => {
  test("goes all the way to a kernel that is right", async () => {
    const { code, out } = await tilewright("doctor", board.destination, ...access());
    const lines = out.split("\n").filter((line) => !line.startsWith(" "));
    expect(lines.filter((line) => line.startsWith("fail"))).toEqual([]);
    expect(lines.at(-1)).toBe("ok   kernel     a small convolution for rpi4 is right there");
    expect(lines).toContain("ok   target     rpi4: its device tree names it raspberrypi,4-model-b");
    expect(code).toBe(0);
  });

  test("tells a wrong target, as JSON, and ends as a command would", async () => {
    const { code, out, note } = await tilewright(
      "doctor",
      board.destination,
      ...access(),
      "--target",
      "rpi5",
      "--json",
    );
    const { hops } = JSON.parse(out);
    expect(hops.find(({ hop }: { hop: string }) => hop === "target")).toEqual({
      ...{ hop: "target", verdict: "fail", exit: "usage" },
      says: "rpi5: its cores lack fp16, dotprod, which code for cortex-a76 may use",
      help: ["it is taken for `--target rpi4`: its device tree names it raspberrypi,4-model-b"],
    });
    expect(note).toContain(
      "error[D144]: `loopback-rpi4` cannot be used: target\n  help:  the lines above say what mends it",
    );
    expect(code).toBe(1);
  });

  test("ends where nobody answers", async () => {
    const { code, out } = await tilewright("doctor", "ssh://pi@127.0.0.1:1");
    expect(out.split("\n").slice(0, 2)).toEqual([
      "ok   resolve",
      "fail connect    error[D103]: board `ssh://pi@127.0.0.1:1` cannot be reached: 127.0.0.1 port 1 refused the connection",
    ]);
    expect(code).toBe(7);
  });
});
