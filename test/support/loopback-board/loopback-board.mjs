// A board without hardware: a real OpenSSH server on this machine, on 127.0.0.1, whose sessions run
// AArch64 programs under qemu-user. What connects to it takes the same way as to a real board:
// ssh configuration, host key, login, sftp, exec. Plain JavaScript, so that `make demo` can start it.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { answers, freePort } from "../ports.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

/**
 * Starts a board. It is stopped by `stop()`, and with this process whatever ends it, short of SIGKILL.
 *
 * @param {import("./loopback-board.d.mts").LoopbackOptions} [options]
 * @returns {Promise<import("./loopback-board.d.mts").LoopbackBoard>}
 */
export async function startLoopbackBoard(options = {}) {
  const alias = options.alias ?? "loopback-rpi4";
  const folder = mkdtempSync(join(tmpdir(), "loopback-board-"));
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let server;
  const stop = () => {
    process.off("exit", stop);
    for (const signal of SIGNALS) process.off(signal, stopAndEnd);
    server?.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  /** @param {NodeJS.Signals} signal */
  const stopAndEnd = (signal) => {
    stop();
    process.kill(process.pid, signal);
  };
  process.on("exit", stop);
  for (const signal of SIGNALS) process.on(signal, stopAndEnd);
  try {
    const home = join(folder, "home");
    const root = join(folder, "root");
    mkdirSync(home);
    writeBoardFiles(root, options.model ?? "Raspberry Pi 4 Model B (loopback, emulated by qemu-user)");
    if (options.machine !== undefined) writeArmFiles(root, folder, options.machine);
    const shell = join(folder, "board-shell.sh");
    writeFileSync(shell, readFileSync(join(HERE, "board-shell.sh")));
    chmodSync(shell, 0o755);
    const shim = join(folder, "exec-shim.so");
    run("gcc", ["-O2", "-shared", "-fPIC", "-w", "-o", shim, join(HERE, "exec-shim.c"), "-ldl"]);
    for (const key of ["host_key", "user_key"]) {
      run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", `loopback ${key}`, "-f", join(folder, key)]);
    }
    const port = await freePort();
    const config = join(folder, "sshd_config");
    const environment = {
      HOME: home,
      BOARD_CPU: options.cpu ?? "cortex-a72",
      BOARD_QEMU: find("qemu-aarch64", []),
      BOARD_ROOT: root,
      BOARD_SFTP: find("sftp-server", ["/usr/lib/openssh", "/usr/libexec/openssh", "/usr/lib/ssh"]),
      BOARD_SHIM: shim,
      ...(options.machine !== undefined && { PATH: `${join(folder, "bin")}:/usr/local/bin:/usr/bin:/bin` }),
      // Boards of this machine are machines of their own: each has its own lock.
      TILEWRIGHT_LOCK: options.lockFolder ?? join(folder, "lock"),
    };
    writeFileSync(
      config,
      [
        "ListenAddress 127.0.0.1",
        `Port ${port}`,
        `HostKey ${join(folder, "host_key")}`,
        `PidFile ${join(folder, "sshd.pid")}`,
        `AuthorizedKeysFile ${join(folder, "user_key.pub")}`,
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PrintMotd no",
        "Subsystem sftp internal-sftp",
        `ForceCommand ${shell}`,
        // The first SetEnv counts, so all variables are in one.
        `SetEnv ${Object.entries(environment)
          .map(([name, value]) => `${name}=${value}`)
          .join(" ")}`,
        ...(options.sshdConfig ?? []),
        "",
      ].join("\n"),
    );
    const knownHosts = join(folder, "known_hosts");
    const hostKey = readFileSync(join(folder, "host_key.pub"), "utf8")
      .trim()
      .split(" ")
      .slice(0, 2)
      .join(" ");
    writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
    const sshConfigPath = join(folder, "ssh_config");
    writeFileSync(
      sshConfigPath,
      [
        `Host ${alias}`,
        "  HostName 127.0.0.1",
        `  Port ${port}`,
        `  User ${userInfo().username}`,
        `  IdentityFile ${join(folder, "user_key")}`,
        "  IdentitiesOnly yes",
        "  IdentityAgent none",
        `  UserKnownHostsFile ${knownHosts}`,
        "  GlobalKnownHostsFile none",
        "",
      ].join("\n"),
    );
    // A server run by root splits its privileges and wants this folder for that.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    // sshd re-executes itself, so it insists on absolute paths.
    const log = join(folder, "sshd.log");
    const sshd = find("sshd", ["/usr/sbin", "/usr/local/sbin"]);
    // Where there is setpriv, the server ends with this process even when that is killed outright.
    const [program = sshd, ...args] = existsSync("/usr/bin/setpriv")
      ? ["/usr/bin/setpriv", "--pdeathsig", "TERM", sshd]
      : [sshd];
    server = spawn(program, [...args, "-D", "-f", config, "-E", log], { stdio: "ignore" });
    server.on("error", () => {});
    await listening(port, server, log);
    const identityFile = join(folder, "user_key");
    return {
      alias,
      destination: alias,
      port,
      home,
      folder,
      sshConfigPath,
      knownHosts,
      hostKey,
      identityFile,
      log,
      stop,
    };
  } catch (error) {
    stop();
    throw error;
  }
}

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Files that a program on the board sees in place of this machine's. */
function writeBoardFiles(/** @type {string} */ root, /** @type {string} */ model) {
  const cpu = "sys/devices/system/cpu/cpu0/cpufreq";
  const files = {
    "proc/device-tree/model": `${model}\0`,
    [`${cpu}/scaling_governor`]: "performance\n",
    [`${cpu}/scaling_cur_freq`]: "1500000\n",
    [`${cpu}/cpuinfo_max_freq`]: "1500000\n",
    "sys/class/thermal/thermal_zone0/temp": "48312\n",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "0\n",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** What tells a Raspberry Pi 4 from other boards. */
function writeArmFiles(
  /** @type {string} */ root,
  /** @type {string} */ folder,
  /** @type {string} */ machine,
) {
  const core = "Features\t: fp asimd evtstrm crc32 cpuid\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n";
  writeFileSync(join(root, "proc/device-tree/compatible"), "raspberrypi,4-model-b\0brcm,bcm2711\0");
  writeFileSync(join(root, "proc/cpuinfo"), core.repeat(4));
  mkdirSync(join(folder, "bin"));
  const uname = `#!/bin/sh\ncase $1 in -m) echo ${machine} ;; *) exec /usr/bin/uname "$@" ;; esac\n`;
  writeFileSync(join(folder, "bin/uname"), uname, { mode: 0o755 });
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function run(program, args) {
  try {
    execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`the loopback board needs ${program}: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} besides
 * @returns {string}
 */
function find(program, besides) {
  const folders = [...(process.env.PATH ?? "").split(":"), ...besides];
  const found = folders
    .map((folder) => join(folder, program))
    .find((path) => path.startsWith("/") && existsSync(path));
  if (found === undefined) {
    throw new Error(`the loopback board needs ${program} (packages openssh-server and qemu-user)`);
  }
  return found;
}

/**
 * @param {number} port
 * @param {import("node:child_process").ChildProcess} server
 * @param {string} log
 */
async function listening(port, server, log) {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (server.exitCode !== null) break;
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const said = existsSync(log) ? readFileSync(log, "utf8") : "";
  throw new Error(`the loopback board's sshd did not start: ${said.trim()}`);
}
