import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../ports.mjs";
import { boardFiles } from "./board-files.ts";
import { initramfs } from "./initramfs.ts";
import { MACHINES, type Machine } from "./machines.ts";
import { kernelFiles, systemFiles } from "./packages.ts";

/** A machine that is up. */
export interface SystemBoard {
  /** What to give as `--board`, together with `--ssh-config sshConfigPath`. */
  readonly destination: string;
  readonly sshConfigPath: string;
  stop(): void;
}

/** Time for a machine to come up on a computer that does something else as well: 10 s where it does not. */
const BOOT_SECONDS = 240;
const QEMU = "qemu-system-aarch64";

/** Emulates a whole machine: its kernel, a small system, ssh on a port of 127.0.0.1. It is stopped by `stop()`, and with this process. */
export async function startSystemBoard(kind: keyof typeof MACHINES): Promise<SystemBoard> {
  const machine = MACHINES[kind];
  const debian = systemFiles(console.log);
  const folder = mkdtempSync(join(tmpdir(), "system-board-"));
  const at = (name: string): string => join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "system board", "-f", at("user_key")]);
  execFileSync("dropbearkey", ["-t", "ed25519", "-f", at("host_key")], { stdio: "ignore" });
  const shown = execFileSync("dropbearkey", ["-y", "-f", at("host_key")]).toString();
  const hostKey = /^ssh-ed25519 \S+/m.exec(shown)?.[0] ?? "";
  const files = boardFiles(debian, machine, at("host_key"), at("user_key.pub"));
  writeFileSync(at("initramfs"), initramfs(files));
  const port = await freePort();
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${hostKey}\n`);
  writeFileSync(at("ssh_config"), sshConfig(kind, port, at("user_key"), at("known_hosts")));
  const forward = `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`;
  const words = [...wordsFor(machine, debian, at("console")), "-initrd", at("initramfs"), "-netdev", forward];
  // Where there is setpriv, the machine ends with this process even when that is killed outright.
  const [program = QEMU, ...args] = existsSync("/usr/bin/setpriv")
    ? ["/usr/bin/setpriv", "--pdeathsig", "KILL", QEMU, ...words]
    : [QEMU, ...words];
  const qemu = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  qemu.stderr.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  qemu.on("error", (error) => {
    said += error;
  });
  const stop = (): void => {
    process.off("exit", stop);
    qemu.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", stop);
  try {
    await up(at("console"), () => (qemu.exitCode === null && qemu.pid !== undefined ? undefined : said));
  } catch (error) {
    stop();
    throw error;
  }
  return { destination: kind, sshConfigPath: at("ssh_config"), stop };
}

function wordsFor(machine: Machine, debian: string, console: string): readonly string[] {
  const { kernel, deviceTree } = kernelFiles(debian, machine.deviceTree);
  const serial = ["-serial", `file:${console}`];
  return [
    ...machine.machine,
    ...["-display", "none", "-monitor", "none", "-no-reboot"],
    ...(machine.serialLine === 0 ? serial : ["-serial", "null", ...serial]),
    ...["-kernel", kernel, "-append", `console=${machine.console} panic=-1 quiet`],
    ...(deviceTree === undefined ? [] : ["-dtb", deviceTree]),
    ...machine.network,
  ];
}

function sshConfig(alias: string, port: number, identity: string, knownHosts: string): string {
  return [
    `Host ${alias}`,
    ...["HostName 127.0.0.1", `Port ${port}`, "User pi", `IdentityFile ${identity}`, "IdentitiesOnly yes"],
    ...["IdentityAgent none", `UserKnownHostsFile ${knownHosts}`, "GlobalKnownHostsFile none", ""],
  ].join("\n  ");
}

/** Waits for what init.sh says last. */
async function up(console: string, ended: () => string | undefined): Promise<void> {
  const printed = (): string => (existsSync(console) ? readFileSync(console, "utf8") : "");
  for (const began = performance.now(); performance.now() - began < BOOT_SECONDS * 1000; ) {
    if (printed().includes("board ready")) return;
    const why = ended();
    if (why !== undefined) throw new Error(`${QEMU} has ended: ${why.trim()}\n${printed().slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the machine is not up after ${BOOT_SECONDS} s:\n${printed().slice(-2000)}`);
}
