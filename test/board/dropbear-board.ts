import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { answers, freePort } from "../support/ports.mjs";

export interface DropbearBoard {
  readonly home: string;
  readonly port: number;
  readonly knownHosts: string;
  stop(): void;
}

const SHIM = fileURLToPath(new URL("../support/loopback-board/home-shim.c", import.meta.url));

/** A dropbear server on 127.0.0.1, as small boards have it: no sftp, a home folder of its own; who has the key gets in. */
export async function startDropbear(publicKey: string): Promise<DropbearBoard> {
  const folder = mkdtempSync(join(tmpdir(), "dropbear-board-"));
  const home = join(folder, "home");
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const shim = join(folder, "home-shim.so");
  execFileSync("gcc", ["-O2", "-shared", "-fPIC", "-w", "-o", shim, SHIM, "-ldl"]);
  copyFileSync(publicKey, join(home, ".ssh/authorized_keys"));
  const hostKey = join(folder, "host_key");
  execFileSync("dropbearkey", ["-t", "ed25519", "-f", hostKey], { stdio: "ignore" });
  const shown = execFileSync("dropbearkey", ["-y", "-f", hostKey]).toString();
  const key = /^ssh-ed25519 \S+/m.exec(shown)?.[0] ?? "";
  const port = await freePort();
  const server = spawn(
    "/usr/sbin/dropbear",
    ["-F", "-E", "-p", `127.0.0.1:${port}`, "-r", hostKey, "-P", join(folder, "pid")],
    { stdio: "ignore", env: { ...process.env, LD_PRELOAD: shim, BOARD_HOME: home } },
  );
  const stop = (): void => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", stop);
  await answering(port);
  const knownHosts = join(folder, "known_hosts");
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${key}\n`);
  return { home, port, knownHosts, stop };
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error("dropbear did not start");
}
