import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { messageOf } from "../device/message-of.ts";
import type { LoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";

let board: LoopbackBoard;
let config: string;
let known: string;
const stops: (() => void)[] = [];

beforeAll(async () => {
  board = await startLoopbackBoard();
});
afterAll(() => board?.stop());
beforeEach(() => {
  config = join(board.folder, "config-of-test");
  known = join(board.folder, "known-hosts-of-test");
  writeFileSync(known, readFileSync(board.knownHosts));
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** An ssh configuration with one host, `pi`, that leads to the board. */
function configure(...lines: readonly string[]): void {
  writeFileSync(
    config,
    [
      ...["Host pi", `HostName 127.0.0.1`, `Port ${board.port}`, ...lines],
      ...["Host *", `IdentityFile ${board.identityFile}`, "IdentitiesOnly yes"],
      ...[
        "IdentityAgent none",
        `UserKnownHostsFile ${known}`,
        "GlobalKnownHostsFile none",
        "HashKnownHosts no",
        "",
      ],
    ].join("\n"),
  );
}

async function visit(name = "pi"): Promise<string> {
  const notices: string[] = [];
  const opened = openBoard(name, { sshConfig: config, notice: (text) => notices.push(text) });
  const message = await messageOf(
    opened.then(async ({ runner }) => {
      const state = await runner.readState?.();
      await runner.close();
      expect(state?.model).toContain("Raspberry Pi 4");
    }),
  );
  return [...notices, message]
    .join("\n")
    .replaceAll(board.folder, "FOLDER")
    .replaceAll(String(board.port), "PORT")
    .replaceAll(execFileSync("id", ["-un"]).toString().trim(), "USER")
    .replace(/SHA256:[A-Za-z0-9+/]{43}/g, "SHA256:...");
}

const otherKey = (): string => {
  const file = join(board.folder, `other-${Math.random().toString(36).slice(2)}`);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  return readFileSync(`${file}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");
};

describe("a host key", () => {
  test("that is known lets in", async () => {
    configure();
    expect(await visit()).toBe("no error");
  });

  test("that is known under a hashed name lets in", async () => {
    configure();
    execFileSync("ssh-keygen", ["-q", "-H", "-f", known], { stdio: "ignore" });
    expect(readFileSync(known, "utf8")).toMatch(/^\|1\|/);
    expect(await visit()).toBe("no error");
  });

  test("that is known under an alias lets in", async () => {
    configure("HostKeyAlias my-board");
    writeFileSync(known, `my-board ${board.hostKey}\n`);
    expect(await visit()).toBe("no error");
  });

  test("that is unknown is shown, with what to type", async () => {
    configure();
    writeFileSync(known, "");
    expect(await visit()).toBe(
      [
        "error[D111]: the host key of `pi` is not known, so it may be another machine",
        "  why:   it shows ssh-ed25519 SHA256:...;",
        "         there is no key for [127.0.0.1]:PORT in FOLDER/known-hosts-of-test",
        "  help:  log in once with `ssh -F FOLDER/config-of-test pi`, compare the fingerprint with the board's own",
        "  help:  (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` typed there), and answer yes",
      ].join("\n"),
    );
  });

  test("that is unknown is not let in by StrictHostKeyChecking no", async () => {
    configure("StrictHostKeyChecking no");
    writeFileSync(known, "");
    expect(await visit()).toContain("error[D111]");
    expect(readFileSync(known, "utf8")).toBe("");
  });

  test("that is unknown is recorded when the configuration says accept-new", async () => {
    configure("StrictHostKeyChecking accept-new");
    writeFileSync(known, "elsewhere ssh-ed25519 AAAA");
    expect(await visit()).toBe(
      "the host key of `pi` was new and is now known (StrictHostKeyChecking accept-new)\nno error",
    );
    expect(readFileSync(known, "utf8")).toBe(
      `elsewhere ssh-ed25519 AAAA\n[127.0.0.1]:${board.port} ${board.hostKey}\n`,
    );
    expect(await visit()).toBe("no error");
  });

  test("that has changed is refused, even with accept-new", async () => {
    configure("StrictHostKeyChecking accept-new");
    writeFileSync(known, `# comment\n[127.0.0.1]:${board.port} ${otherKey()}\n`);
    expect(await visit()).toBe(
      [
        "error[D112]: the host key of `pi` has changed: this may be another machine in its place",
        "  why:   it shows ssh-ed25519 SHA256:...;",
        "         expected ssh-ed25519 SHA256:... (FOLDER/known-hosts-of-test line 2)",
        "  help:  if you installed the board anew, forget the old key and log in once:",
        "  help:  ssh-keygen -f FOLDER/known-hosts-of-test -R '[127.0.0.1]:PORT'",
      ].join("\n"),
    );
  });

  test("that is revoked is refused although it is known, too", async () => {
    configure();
    appendFileSync(known, `@revoked * ${board.hostKey}\n`);
    expect(await visit()).toBe(
      [
        "error[D113]: the host key of `pi` is revoked",
        "  why:   it shows ssh-ed25519 SHA256:..., which FOLDER/known-hosts-of-test marks as stolen or withdrawn",
        "  help:  do not use this machine before its owner has given it a new key",
      ].join("\n"),
    );
  });

  test("that is on the list of revoked keys is refused, whatever the list's form", async () => {
    const list = join(board.folder, "revoked");
    const other = join(board.folder, "other.pub");
    writeFileSync(other, `${otherKey()}\n`);
    configure(`RevokedHostKeys ${list}`);
    const refused = expect.stringContaining("error[D113]: the host key of `pi` is revoked");
    expect(await visit()).toEqual(refused);
    writeFileSync(list, readFileSync(other));
    expect(await visit()).toBe("no error");
    writeFileSync(list, `${board.hostKey} stolen\n`);
    expect(await visit()).toEqual(refused);
    execFileSync("ssh-keygen", ["-q", "-k", "-f", list, other]);
    expect(await visit()).toBe("no error");
    execFileSync("ssh-keygen", ["-q", "-k", "-u", "-f", list, join(board.folder, "host_key.pub")]);
    expect(await visit()).toEqual(refused);
  });

  test("that is a certificate authority's own vouches for nothing", async () => {
    configure();
    writeFileSync(known, `@cert-authority * ${board.hostKey}\n`);
    expect(await visit()).toBe(
      [
        "`pi` is reached by the program ssh, for certificates of hosts (FOLDER/known-hosts-of-test line 1)",
        "error[D115]: the program `ssh` does not reach `pi`",
        "  why:   Host key verification failed.",
        "         it was asked because of certificates of hosts (FOLDER/known-hosts-of-test line 1)",
        "  help:  see what `ssh -v -o BatchMode=yes -F FOLDER/config-of-test pi` says; it may ask for nothing here, no word and no touch",
      ].join("\n"),
    );
  });
});

describe("a login", () => {
  test("refused tells what was tried", async () => {
    const key = join(board.folder, "stranger");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    configure(`IdentityFile ${key}`);
    writeFileSync(config, readFileSync(config, "utf8").replace(`IdentityFile ${board.identityFile}`, ""));
    expect(await visit()).toBe(
      [
        "error[D114]: `pi` refused the login of `USER`",
        "  why:   tried: key FOLDER/stranger",
        "         the board accepts: publickey",
        "  help:  put your key on the board: ssh-copy-id -F FOLDER/config-of-test pi",
        "  help:  only keys and the ssh agent are used, never passwords",
      ].join("\n"),
    );
  });

  test("with an encrypted key asks for nothing and names ssh-add", async () => {
    encrypt();
    configure(`IdentityFile ${board.folder}/encrypted`);
    writeFileSync(config, readFileSync(config, "utf8").replace(`IdentityFile ${board.identityFile}`, ""));
    expect(await visit()).toBe(
      [
        "error[D114]: `pi` refused the login of `USER`",
        "  why:   there was no key to try",
        "         not tried: FOLDER/encrypted (encrypted: type `ssh-add FOLDER/encrypted`)",
        "         the board accepts: publickey",
        "  help:  put your key on the board: ssh-copy-id -F FOLDER/config-of-test pi",
        "  help:  only keys and the ssh agent are used, never passwords",
      ].join("\n"),
    );
  });

  test("with an encrypted key that the agent holds works, among many others", async () => {
    encrypt();
    const socket = startAgent();
    const add = (key: string): void => {
      execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    };
    // More keys than a server lets one try (MaxAuthTries is 6): the named one must come first.
    for (let i = 0; i < 8; i++) {
      const key = join(board.folder, `spare-${i}-${Date.now()}`);
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
      add(key);
    }
    add(board.identityFile);
    configure(`IdentityFile ${board.folder}/encrypted`, `IdentityAgent ${socket}`);
    writeFileSync(
      config,
      readFileSync(config, "utf8").replace(`IdentityFile ${board.identityFile}\nIdentitiesOnly yes`, ""),
    );
    expect(await visit()).toBe("no error");
  });

  function encrypt(): void {
    const file = join(board.folder, "encrypted");
    writeFileSync(file, readFileSync(board.identityFile), { mode: 0o600 });
    writeFileSync(`${file}.pub`, readFileSync(`${board.identityFile}.pub`));
    execFileSync("ssh-keygen", ["-q", "-p", "-N", "secret words", "-P", "", "-f", file], { stdio: "ignore" });
  }

  function startAgent(): string {
    const socket = join(board.folder, `agent-${Date.now()}`);
    const said = execFileSync("ssh-agent", ["-s", "-a", socket]).toString();
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
    stops.push(() => process.kill(pid));
    return socket;
  }
});

describe("the way there", () => {
  test("may lead over a jump host, whose key is checked, too", async () => {
    configure("ProxyJump gate");
    appendFileSync(config, `Host gate\nHostName 127.0.0.1\nPort ${board.port}\n`);
    expect(await visit()).toBe("no error");
    writeFileSync(config, readFileSync(config, "utf8").replace("Host gate", "Host gate\nHostKeyAlias gate"));
    expect((await visit()).split("\n").slice(0, 3)).toEqual([
      "error[D111]: the host key of `gate` is not known, so it may be another machine",
      "  where: jump host gate, on the way to pi",
      "  why:   it shows ssh-ed25519 SHA256:...;",
    ]);
  });

  test("may lead over two jump hosts, given with user and port", async () => {
    const user = execFileSync("id", ["-un"]).toString().trim();
    configure(`ProxyJump ${user}@localhost:${board.port},ssh://localhost:${board.port}`);
    appendFileSync(known, `[localhost]:${board.port} ${board.hostKey}\n`);
    expect(await visit()).toBe("no error");
  });

  test("over a jump host that cannot reach the board is told so", async () => {
    configure("ProxyJump gate");
    const text = readFileSync(config, "utf8").replace(`Port ${board.port}`, "Port 1");
    writeFileSync(config, `${text}Host gate\nHostName 127.0.0.1\nPort ${board.port}\n`);
    expect(await visit()).toBe(
      [
        "error[D108]: the way to `pi` that your ssh configuration gives does not lead there",
        "  why:   jump host gate says: (SSH) Channel open failure: Connection refused",
        "  help:  see what `ssh -v -F FOLDER/config-of-test pi` says",
      ].join("\n"),
    );
  });

  test("may be a ProxyCommand", async () => {
    configure(`ProxyCommand ssh -F ${board.sshConfigPath} -W %h:%p loopback-rpi4`);
    expect(await visit()).toBe("no error");
  });

  test("by a ProxyCommand that fails is told so, with its words", async () => {
    configure("ProxyCommand cat /no/such/%h-%p");
    expect(await visit()).toBe(
      [
        "error[D108]: the way to `pi` that your ssh configuration gives does not lead there",
        "  why:   cat: /no/such/127.0.0.1-PORT: No such file or directory",
        "         the ProxyCommand ended with status 1",
        "  help:  see what `ssh -v -F FOLDER/config-of-test pi` says",
      ].join("\n"),
    );
  });

  test("may be an address with a port", async () => {
    configure();
    expect(await visit(`ssh://127.0.0.1:${board.port}`)).toBe("no error");
  });
});
