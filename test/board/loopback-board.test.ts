import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isRunning } from "../support/is-running.ts";

const TOOL = new URL("../support/loopback-board/with-board.mjs", import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

function start(
  command: readonly string[],
  onText: (text: string, pid: number) => void = () => {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn("node", [TOOL, ...command], { stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      onText(stdout, child.pid ?? 0);
    });
    child.on("close", (code) => resolve({ code, stdout }));
  });
}

test("a command finds its board, and its exit code is handed on", async () => {
  const { code, stdout } = await start([
    ...["--alias", "attic", "--", "sh", "-c"],
    'ssh -F "$LOOPBACK_SSH_CONFIG" "$LOOPBACK_BOARD" echo from {board}; exit 5',
  ]);
  expect([code, stdout]).toEqual([5, "from attic\n"]);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s takes the server and its files along", async (signal) => {
  let config = "";
  let server = 0;
  await start([], (text, pid) => {
    config = /--ssh-config (\S+)\n/.exec(text)?.[1] ?? config;
    if (config === "" || server !== 0) return;
    server = Number(readFileSync(config.replace("ssh_config", "sshd.pid"), "utf8"));
    process.kill(pid, signal);
  });
  expect(server).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([existsSync(config), isRunning(server)]).toEqual([false, false]);
});
