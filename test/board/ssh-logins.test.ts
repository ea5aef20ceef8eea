import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { messageOf } from "../device/message-of.ts";
import type { LoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { type DropbearBoard, startDropbear } from "./dropbear-board.ts";

const keys = mkdtempSync(join(tmpdir(), "ssh-logins-"));
const path = (name: string): string => join(keys, name);
const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { stdio: ["ignore", "pipe", "ignore"] }).toString();
const user = userInfo().username;
const program = path("program.sh");

let openssh: LoopbackBoard;
let narrow: LoopbackBoard;
let strict: LoopbackBoard;
let dropbear: DropbearBoard;

beforeAll(async () => {
  writeFileSync(program, '#!/bin/sh\ntr a-z A-Z <in.txt >out.txt\necho "ran $1"\n', { mode: 0o700 });
  for (const [name, ...kind] of [
    ["ca", "-t", "ed25519"],
    ["certified", "-t", "ed25519"],
    ["ecdsa", "-t", "ecdsa"],
    ["rsa", "-t", "rsa", "-b", "2048", "-m", "PEM"],
    ["rsa-pkcs8", "-t", "rsa", "-b", "2048", "-m", "PKCS8"],
    ["ecdsa-pkcs8", "-t", "ecdsa", "-m", "PKCS8"],
    ["encrypted", "-t", "ed25519"],
    ["open", "-t", "ed25519"],
    ["host-rsa", "-t", "rsa", "-b", "2048"],
  ] as const) {
    run("ssh-keygen", "-q", "-N", "", ...kind, "-f", path(name));
  }
  run("ssh-keygen", "-q", "-s", path("ca"), "-I", "me", "-n", user, path("certified.pub"));
  run("ssh-keygen", "-q", "-s", path("ca"), "-I", "board", "-h", "-n", "127.0.0.1", path("host-rsa.pub"));
  writeFileSync(
    path("authorized"),
    ["ecdsa", "rsa", "rsa-pkcs8", "ecdsa-pkcs8", "encrypted", "open"]
      .map((name) => readFileSync(path(`${name}.pub`), "utf8"))
      .join(""),
  );
  const allow = [`AuthorizedKeysCommand /bin/cat ${path("authorized")}`, `AuthorizedKeysCommandUser ${user}`];
  openssh = await startLoopbackBoard({
    alias: "pi",
    sshdConfig: [
      ...allow,
      ...[`TrustedUserCAKeys ${path("ca.pub")}`, `HostKey ${path("host-rsa")}`],
      "HostKeyAlgorithms +ssh-rsa",
    ],
  });
  narrow = await startLoopbackBoard({
    sshdConfig: [
      ...allow,
      ...["MaxSessions 1", `HostKey ${path("host-rsa")}`, `HostCertificate ${path("host-rsa-cert.pub")}`],
    ],
  });
  strict = await startLoopbackBoard({
    sshdConfig: [...allow, "MACs umac-128@openssh.com", "Ciphers aes128-ctr"],
  });
  dropbear = await startDropbear(path("open.pub"));
});
afterAll(() => {
  openssh?.stop();
  narrow?.stop();
  strict?.stop();
  dropbear?.stop();
  rmSync(keys, { recursive: true, force: true });
});

interface Server {
  readonly port: number;
  readonly knownHosts: string;
}

/** Opens a board, runs a program with a file there and brings a file back; what was said, or the error. */
async function visit(server: Server, lines: readonly string[], name = "pi"): Promise<string> {
  const config = path(`config-${Math.random().toString(36).slice(2)}`);
  // The first value of an option counts.
  const board = [
    ...["Host *", "HostName 127.0.0.1", `Port ${server.port}`, "IdentitiesOnly yes", "IdentityAgent none"],
    ...[`UserKnownHostsFile ${server.knownHosts}`, "GlobalKnownHostsFile none", "HashKnownHosts no", ""],
  ];
  writeFileSync(config, [...lines, ...board].join("\n"));
  const notices: string[] = [];
  const message = await messageOf(
    openBoard(name, { sshConfig: config, notice: (text) => notices.push(text) }).then(async ({ runner }) => {
      const files = [{ name: "in.txt", data: Buffer.from("hello") }];
      const job = {
        program,
        args: ["well"],
        files,
        fetch: [{ name: "out.txt", bytes: 1000, orLess: true as const }],
        timeoutSeconds: 20,
      };
      const result = await runner.run(job);
      await runner.close();
      const back = Buffer.from(result.files.get("out.txt") ?? []).toString();
      expect([result.stdout, back]).toEqual(["ran well\n", "HELLO"]);
    }),
  );
  return [...notices, message]
    .join("\n")
    .replaceAll(config, "CONFIG")
    .replaceAll(keys, "KEYS")
    .replaceAll(openssh.folder, "BOARD")
    .replaceAll(String(server.port), "PORT");
}

const key = (name: string): readonly string[] => [`IdentityFile ${path(name)}`];
/** What is said where the program `ssh` is the way. */
const byProgram = (reason: string): string =>
  `\`pi\` is reached by the program ssh, for ${reason}\nfiles of \`pi\` go through its shell: ssh carries commands alone`;

describe("a login works", () => {
  test.each<readonly [string, readonly string[], string]>([
    ["with a key of ed25519", key("open"), ""],
    ["with a key of ecdsa", key("ecdsa"), ""],
    ["with an old key of rsa (PEM)", key("rsa"), ""],
    ["with a key of rsa in PKCS#8", key("rsa-pkcs8"), "the key KEYS/rsa-pkcs8, of a kind that ssh2 has not"],
    [
      "with a key of ecdsa in PKCS#8",
      key("ecdsa-pkcs8"),
      "the key KEYS/ecdsa-pkcs8, of a kind that ssh2 has not",
    ],
    ["that prefers keys", [...key("open"), "PreferredAuthentications publickey,password"], ""],
    ["with a user's certificate", key("certified"), "a certificate (KEYS/certified-cert.pub)"],
    [
      "with algorithms that ssh2 has not",
      [...key("open"), "MACs umac-128@openssh.com"],
      "algorithms that ssh2 has not (MACs)",
    ],
  ])("%s", async (_, lines, reason) => {
    expect(await visit(openssh, lines)).toBe(reason === "" ? "no error" : `${byProgram(reason)}\nno error`);
  });

  test("with a key that is encrypted, in the agent", async () => {
    const socket = path("agent");
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(run("ssh-agent", "-s", "-a", socket))?.[1]);
    try {
      execFileSync("ssh-add", ["-q", path("open")], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      run("ssh-keygen", "-q", "-p", "-P", "", "-N", "words", "-f", path("encrypted"));
      expect(await visit(openssh, [`IdentityAgent ${socket}`, "IdentitiesOnly no"])).toBe("no error");
    } finally {
      process.kill(pid);
    }
  });

  test("at a host with a certificate", async () => {
    const knownHosts = path("authorities");
    writeFileSync(knownHosts, `@cert-authority * ${readFileSync(path("ca.pub"), "utf8")}`);
    expect(await visit({ ...narrow, knownHosts }, key("open"))).toBe(
      `${byProgram("certificates of hosts (KEYS/authorities line 1)")}\nno error`,
    );
  });

  test("at a host that a command knows", async () => {
    const command = `KnownHostsCommand /bin/echo [127.0.0.1]:${openssh.port} ${openssh.hostKey}`;
    expect(await visit({ ...openssh, knownHosts: "/dev/null" }, [...key("open"), command])).toBe(
      `${byProgram("host keys by a command (KnownHostsCommand)")}\nno error`,
    );
  });

  test("at a host with an old host key, by HostKeyAlgorithms +ssh-rsa", async () => {
    const knownHosts = path("known-rsa");
    writeFileSync(knownHosts, `[127.0.0.1]:${openssh.port} ${readFileSync(path("host-rsa.pub"), "utf8")}`);
    expect(await visit({ ...openssh, knownHosts }, [...key("open"), "HostKeyAlgorithms ssh-rsa"])).toBe(
      "no error",
    );
  });

  test("through a connection that is kept, without a key of its own", async () => {
    const socket = path("kept");
    const ssh = ["-F", openssh.sshConfigPath, "-o", `ControlPath=${socket}`];
    run("ssh", ...ssh, "-f", "-N", "-o", "ControlMaster=yes", openssh.destination);
    try {
      expect(await visit(openssh, [...key("none"), `ControlPath ${socket}`])).toBe(
        `${byProgram("a connection that is kept (ControlPath)")}\nno error`,
      );
    } finally {
      run("ssh", ...ssh, "-O", "exit", openssh.destination);
    }
  });

  test("at a server whose algorithms ssh2 has not", async () => {
    expect(await visit(strict, [...key("open")])).toMatch(
      /^`pi` is reached by the program ssh, for algorithms that ssh2 has not \(.*no matching.*\)\n.*\nno error$/,
    );
  });

  test("at a server of one session at a time", async () => {
    expect(await visit(narrow, key("open"))).toBe(
      "files of `pi` go through its shell: it runs one command at a time\nno error",
    );
  });

  test("at dropbear, which has no sftp", async () => {
    expect(await visit(dropbear, key("open"))).toMatch(
      /^files of `pi` go through its shell: .*sftp.*\nno error$/,
    );
  });

  test("given as user@host:port", async () => {
    expect(await visit({ ...openssh, port: 1 }, key("open"), `${user}@127.0.0.1:${openssh.port}`)).toBe(
      "no error",
    );
  });

  test.skipIf(userInfo().shell?.endsWith("/bash") !== true)("where start-up files print text", async () => {
    const file = join(openssh.home, ".bashrc");
    writeFileSync(file, "echo Welcome to the lab; echo it is noisy\n");
    try {
      expect(await visit(openssh, key("open"))).toBe(
        "files of `pi` go through its shell: its start-up files print text (`Welcome to the lab`), which spoils sftp\nno error",
      );
    } finally {
      rmSync(file);
    }
  });
});

describe("a login that cannot work says why", () => {
  const refused = (why: string): string =>
    [
      `error[D114]: \`pi\` refused the login of \`${user}\``,
      "  why:   there was no key to try",
      `         not tried: ${why}`,
      "         the board accepts: publickey",
      "  help:  put your key on the board: ssh-copy-id -F CONFIG pi",
      "  help:  only keys and the ssh agent are used, never passwords",
    ].join("\n");

  test("keys are not to be used", async () => {
    expect(await visit(openssh, [...key("open"), "PubkeyAuthentication no"])).toBe(
      refused("keys (your ssh configuration says PubkeyAuthentication no)"),
    );
    expect(await visit(openssh, [...key("open"), "PreferredAuthentications password"])).toBe(
      refused("keys (your ssh configuration says PreferredAuthentications password)"),
    );
  });

  test("a key is of a kind that is not to be used", async () => {
    expect(await visit(openssh, [...key("open"), "PubkeyAcceptedAlgorithms rsa-sha2-512"])).toBe(
      refused("KEYS/open (PubkeyAcceptedAlgorithms of your ssh configuration leaves it out)"),
    );
  });

  test("others may read the key", async () => {
    writeFileSync(path("readable"), readFileSync(path("open")), { mode: 0o644 });
    expect(await visit(openssh, key("readable"))).toBe(
      refused("KEYS/readable (others may read it, so ssh refuses it: type `chmod 600 KEYS/readable`)"),
    );
  });

  test("a key lies on a token that is not there", async () => {
    writeFileSync(path("token"), tokenKey(), { mode: 0o600 });
    const text = await visit(openssh, key("token"));
    expect(text).toContain("error[D115]: the program `ssh` does not reach `pi`");
    expect(text).toMatch(/Permission denied \(publickey\)\.\n/);
    expect(text).toContain("it was asked because of the key KEYS/token, of a kind that ssh2 has not");
  });
});

/** A private key of a FIDO token, as ssh-keygen would write it (PROTOCOL.key of OpenSSH). */
function tokenKey(): string {
  const word = (n: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(n);
    return bytes;
  };
  const text = (value: string | Buffer): Buffer => Buffer.concat([word(value.length), Buffer.from(value)]);
  const type = text("sk-ssh-ed25519@openssh.com");
  const open = Buffer.concat([type, text(Buffer.alloc(32, 7)), text("ssh:")]);
  const secret = Buffer.concat([
    ...[word(1), word(1), open, Buffer.from([1]), text(Buffer.alloc(64, 3)), text(""), text("token")],
  ]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8));
  const whole = Buffer.concat([
    ...[Buffer.from("openssh-key-v1\0"), text("none"), text("none"), text(""), word(1), text(open)],
    text(Buffer.concat([secret, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}
