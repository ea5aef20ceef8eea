import { spawn } from "node:child_process";
import { keptShell } from "../../compiler/device/ssh/kept-shell.ts";
import type { Connection, RemoteCommand } from "../../compiler/device/ssh/transport.ts";

/** A way to this machine's own shell, as a login shell that prints something first, what `welcome` says. */
export function localWay(welcome = "echo welcome"): {
  readonly way: Connection;
  readonly started: () => number;
  readonly close: () => void;
} {
  let started = 0;
  const start = async (line: string): Promise<RemoteCommand> => {
    started++;
    const child = spawn("sh", ["-c", `${welcome}; ${line}`], { stdio: "pipe" });
    child.stdin.on("error", () => {});
    const ended = new Promise<number | undefined>((resolve) =>
      child.on("close", (code) => resolve(code ?? undefined)),
    );
    const { stdin, stdout, stderr } = child;
    return { stdin, stdout, stderr, ended, abandon: () => child.kill("SIGKILL") };
  };
  const kept = keptShell(start);
  const at = { name: "here", words: ["here"], host: "here", port: 22, user: "me" };
  const way = { at, patienceSeconds: 5, lost: new Promise<never>(() => {}), start, ask: kept.start };
  return { way: { ...way, close: async () => {} }, started: () => started, close: kept.close };
}
