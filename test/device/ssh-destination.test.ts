import { writeFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expandPath, parseConfig, resolveDestination } from "../../compiler/device/ssh/destination.ts";
import { typedWord } from "../../compiler/support/text.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { messageOf } from "./message-of.ts";

const folder = temporaryFolder("ssh-destination");
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("a destination", () => {
  test("is what the ssh configuration makes of it", async () => {
    write("more", "Host attic\n  User pi\n  IdentityFile ~/.ssh/%r-key\n");
    const config = write(
      "config",
      `Include ${folder}/more
Host attic basement
  HostName %h.example.org
  Port 2222
  HostKeyAlias my-board
Match originalhost attic
  ProxyJump me@gate:22022,second
  ConnectTimeout 3
Host *
  StrictHostKeyChecking accept-new
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${folder}/known ~/.ssh/%n
  GlobalKnownHostsFile none
  AddressFamily inet
`,
    );
    expect(await resolveDestination("attic", config)).toMatchObject({
      name: "attic",
      host: "attic.example.org",
      port: 2222,
      user: "pi",
      family: "inet",
      identityFiles: [`${homedir()}/.ssh/pi-key`],
      identitiesOnly: true,
      hostKeyAlias: "my-board",
      knownHosts: [`${folder}/known`, `${homedir()}/.ssh/attic`],
      acceptNew: true,
      hashKnownHosts: false,
      jumps: ["me@gate:22022", "second"],
      connectTimeoutSeconds: 3,
      handshakeSeconds: 3,
      alive: { intervalSeconds: 15, countMax: 3 },
    });
    expect(await resolveDestination("eve@basement", config)).toMatchObject({
      ...{
        name: "eve@basement",
        host: "basement.example.org",
        user: "eve",
        jumps: [],
        connectTimeoutSeconds: 10,
        handshakeSeconds: 60,
      },
    });
  });

  test("may be an address with user and port", async () => {
    const config = write("empty", "");
    expect(await resolveDestination("ssh://pi@attic:2200", config)).toMatchObject({
      ...{ host: "attic", user: "pi", port: 2200, acceptNew: false },
    });
  });

  test.each([
    ["pi@attic:2200", { host: "attic", user: "pi", port: 2200 }],
    ["attic:2200", { host: "attic", port: 2200 }],
    ["pi@[fd00::7]:2200", { host: "fd00::7", user: "pi", port: 2200 }],
    ["fd00::7", { host: "fd00::7", port: 22 }],
    ["pi@fe80::1%eth0", { host: "fe80::1%eth0", user: "pi" }],
    ["[fd00::7]", { host: "fd00::7", port: 22 }],
  ])("may be an address as people write it: %s", async (name, expected) => {
    expect(await resolveDestination(name, write("empty", ""))).toMatchObject(expected);
  });

  test.each(["-oProxyCommand=reboot", "a b", "a;b", "$(reboot)", "'", ""])(
    "is never an option or a piece of a command: %j",
    async (name) => {
      expect(await messageOf(resolveDestination(name))).toBe(
        [
          `error[D106]: ssh does not understand the destination \`${name}\` or its configuration`,
          "  why:   it has characters that no host name has",
          `  help:  see what \`ssh -G ${typedWord(name)}\` says`,
        ].join("\n"),
      );
    },
  );

  test("with a faulty configuration is told so in ssh's words", async () => {
    const config = write("faulty", "Prot 22\n");
    expect((await messageOf(resolveDestination("attic", config))).replaceAll(config, "CONFIG")).toBe(
      [
        "error[D106]: ssh does not understand the destination `attic` or its configuration",
        "  why:   CONFIG: line 1: Bad configuration option: prot",
        "         CONFIG: terminating, 1 bad configuration options",
        "  help:  see what `ssh -G attic` says",
      ].join("\n"),
    );
  });

  test("knows the user's agent by its socket", () => {
    const agent = (value: string): string | undefined => parseConfig("a", `identityagent ${value}`).agent;
    process.env.TEST_AGENT = "/run/agent";
    expect(agent("/run/own")).toBe("/run/own");
    expect(agent("$TEST_AGENT")).toBe("/run/agent");
    expect(agent("none")).toBeUndefined();
    delete process.env.TEST_AGENT;
  });
});

test("file names may have tokens, variables and the home folder", () => {
  const of = { name: "alias", host: "attic", port: 22, user: "pi" };
  expect(expandPath("~/%h-%n-%p-%r-%u-%%-%z", of)).toBe(
    `${homedir()}/attic-alias-22-pi-${userInfo().username}-%-%z`,
  );
});
