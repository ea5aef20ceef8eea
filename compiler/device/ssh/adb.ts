import { spawn } from "node:child_process";
import { execa } from "execa";
import { connectionLost, toolMissing } from "../board-failures.ts";
import { adbFailed } from "../link-failures.ts";
import { keptShell } from "./kept-shell.ts";
import { startBy } from "./program.ts";
import type { Connection } from "./transport.ts";

const PREFIX = "adb:";
/** Where an account of Android's may write and run programs. */
export const ADB_FOLDER = "/data/local/tmp/tilewright";
const STATE_MS = 10_000;
/** Nothing on a cable is silent for longer. */
const PATIENCE_SECONDS = 75;

/** The serial number that a board's name `adb:SERIAL` gives; undefined for other names. */
export function adbSerial(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** A way to an Android board by the program `adb`, on a cable or a network. Throws D105, D116. */
export async function connectByAdb(name: string, serial: string): Promise<Connection> {
  const words = ["-s", serial];
  const asked = await execa("adb", [...words, "get-state"], {
    ...{ reject: false, stdin: "ignore", timeout: STATE_MS },
  });
  if (asked.code === "ENOENT") throw toolMissing("adb", "adb");
  const state = asked.stdout.trim();
  if (state !== "device") throw adbFailed(name, serial, asked.stderr.trim() || state || "it says nothing");
  // Ends when the board goes; of one that does not know this word nothing is learned.
  const watch = spawn("adb", [...words, "wait-for-disconnect"], { stdio: "ignore", detached: true });
  let closed = false;
  const stop = (): void => {
    closed = true;
    watch.kill();
  };
  const lost = new Promise<never>((_, reject) => {
    watch.on("error", () => {});
    watch.on("close", (code) => {
      process.off("exit", stop);
      if (code === 0 && !closed) reject(connectionLost(name, "adb says that it has been disconnected"));
    });
  });
  lost.catch(() => {});
  process.once("exit", stop);
  const start = (line: string) => startBy("adb", [...words, "shell", "-T", line]);
  const kept = keptShell(start);
  const close = async (): Promise<void> => {
    kept.close();
    stop();
  };
  const at = { name, host: serial, port: 0, user: "shell" };
  return { at, patienceSeconds: PATIENCE_SECONDS, lost, start, ask: kept.start, close };
}
