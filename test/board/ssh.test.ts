import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import type { Runner } from "../../compiler/device/runner.ts";
import { loadTarget } from "../../compiler/target/load.ts";
import type { LoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { buildBoardProgram, job } from "./board-program.ts";

let board: LoopbackBoard;
let runner: Runner;
let program: string;

beforeAll(async () => {
  program = buildBoardProgram();
  board = await startLoopbackBoard();
  runner = await open();
});
afterAll(async () => {
  await runner?.close();
  board?.stop();
});

async function open(lockWaitSeconds?: number): Promise<Runner> {
  const opened = await openBoard(board.destination, {
    sshConfig: board.sshConfigPath,
    target: loadTarget("rpi4"),
    ...(lockWaitSeconds !== undefined && { lockWaitSeconds }),
  });
  return opened.runner;
}

describe("a program on a board over ssh", () => {
  test("is sent, run, and its output comes back", async () => {
    const result = await runner.run(job(program, ["hello"]));
    expect(result).toEqual({ stdout: "hello from 64-bit\n", stderr: "", exitCode: 0, files: new Map() });
  });
});
