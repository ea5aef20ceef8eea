import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { execa } from "execa";
import type { Endpoint } from "../board-failures.ts";
import { sshConfigRefused, toolMissing } from "../board-failures.ts";
import type { AllowedAlgorithms } from "./algorithms.ts";
import { hasKeptConnection, keylessLogins, namedNeeds } from "./needs.ts";
import { type PrintedOptions, printedOptions } from "./options.ts";
import { type Alive, patienceOf } from "./silence.ts";

/** A destination as OpenSSH's own client resolves it: aliases, Include, Match and defaults applied. */
export interface Destination extends Endpoint {
  readonly words: readonly string[];
  readonly family: "any" | "inet" | "inet6";
  readonly identityFiles: readonly string[];
  /** Only keys named in the configuration, whatever else the agent holds. */
  readonly identitiesOnly: boolean;
  /** Socket of the ssh agent. */
  readonly agent?: string;
  /** Name under which the host key is looked up, when it is not the host's own. */
  readonly hostKeyAlias?: string;
  /** The user's known_hosts files, then the machine's. */
  readonly knownHosts: readonly string[];
  /** A list of keys that no host may show. */
  readonly revokedHostKeys?: string;
  /** Whether the user's configuration asks that keys of new hosts be accepted and kept. */
  readonly acceptNew: boolean;
  readonly hashKnownHosts: boolean;
  /** Jump hosts, nearest first. */
  readonly jumps: readonly string[];
  readonly proxyCommand?: string;
  /** For a connection, and for all that lies between it and a login. */
  readonly connectTimeoutSeconds: number;
  readonly handshakeSeconds: number;
  readonly alive: Alive;
  readonly keys: KeyRules;
  /** Ways to log in without a key that are allowed, as servers name them. */
  readonly keylessLogins: readonly string[];
  /** What is asked for that only the program `ssh` can do. */
  readonly needs: readonly string[];
  /** Whether connections are kept for others, and whether one stands. */
  readonly keepsConnections: boolean;
  readonly keptConnection: boolean;
  readonly algorithms: AllowedAlgorithms;
}

/** Whether keys may be tried, and of which signature algorithms; no algorithms: of all. */
export type KeyRules =
  | { readonly allowed: true; readonly types: readonly string[] }
  | { readonly allowed: false; readonly why: string };

/** How silence is judged where the configuration does not say: a radio link that pauses is not lost. */
const ALIVE: Alive = { intervalSeconds: 15, countMax: 3 };

/** What may be a destination: `[user@]host[:port]`, an alias, an address, or `ssh://[user@]host[:port]`; never an option. */
const PLAUSIBLE = /^(ssh:\/\/)?[A-Za-z0-9_:[][A-Za-z0-9_.+%@:[\]/-]*$/;
const WRITTEN =
  /^(?<user>(?:[^@:[\]/]+@)?)(?:\[(?<address>[0-9A-Fa-f:.]+(?:%\w+)?)\]|(?<place>[^@:[\]/]+))(?::(?<port>\d+))?$/;

/**
 * Asks `ssh -G`. `configFile` takes the place of the user's configuration (`ssh -F`).
 * Throws D105 (no ssh) and D106 (ssh refuses the destination or the configuration).
 */
export async function resolveDestination(name: string, configFile?: string): Promise<Destination> {
  if (!PLAUSIBLE.test(name)) throw sshConfigRefused(name, "it has characters that no host name has");
  const at = await askSsh(name, sshWords(name, configFile));
  return at.keepsConnections ? { ...at, keptConnection: await hasKeptConnection(at.words) } : at;
}

/** `host:port` and `[address]`, as people write them, in words that every ssh knows; the configuration before them. */
function sshWords(name: string, configFile: string | undefined): readonly string[] {
  const { user = "", place = name, address = place, port } = WRITTEN.exec(name)?.groups ?? {};
  return [
    ...(configFile === undefined ? [] : ["-F", configFile]),
    ...(port === undefined ? [] : ["-p", port]),
    ...["--", `${user}${address}`],
  ];
}

async function askSsh(name: string, words: readonly string[]): Promise<Destination> {
  const result = await execa("ssh", ["-G", ...words], {
    ...{ reject: false, stdin: "ignore", timeout: 20_000 },
  });
  if (result.code === "ENOENT") throw toolMissing("ssh", "openssh-client");
  if (result.failed) {
    throw sshConfigRefused(name, result.stderr.trim() || `ssh -G ended with status ${result.exitCode}`);
  }
  return parseConfig(name, result.stdout, words);
}

/** Reads what `ssh -G` prints. */
export function parseConfig(
  name: string,
  text: string,
  words: readonly string[] = ["--", name],
): Destination {
  const options = printedOptions(text);
  const { one, all, list } = options;
  const host = one("hostname") ?? name;
  const port = Number(one("port") ?? 22);
  const user = one("user") ?? userInfo().username;
  const path = (value: string): string => expandPath(value, { name, host, port, user });
  const agent = agentSocket(all("identityagent")[0], path);
  const alias = one("hostkeyalias");
  const proxyCommand = one("proxycommand");
  const revoked = one("revokedhostkeys");
  return {
    ...{ name, words, host, port, user, family: family(one("addressfamily")) },
    identityFiles: all("identityfile")
      .filter((file) => file !== "none")
      .map(path),
    identitiesOnly: one("identitiesonly") === "yes",
    ...(agent !== undefined && { agent }),
    ...(alias !== undefined && { hostKeyAlias: alias }),
    knownHosts: [
      ...fileList(one("userknownhostsfile"), path),
      ...fileList(one("globalknownhostsfile"), path),
    ],
    ...(revoked !== undefined && { revokedHostKeys: path(revoked) }),
    acceptNew: one("stricthostkeychecking") === "accept-new",
    hashKnownHosts: one("hashknownhosts") === "yes",
    jumps: list("proxyjump").map((jump) => jump.trim()),
    ...(proxyCommand !== undefined && { proxyCommand }),
    ...timesOf(options),
    keys: keyRules(options),
    keylessLogins: keylessLogins(options),
    needs: namedNeeds(options),
    keepsConnections: one("controlpath") !== undefined,
    keptConnection: false,
    algorithms: {
      hostKeys: list("hostkeyalgorithms"),
      kex: list("kexalgorithms"),
      ciphers: list("ciphers"),
      macs: list("macs"),
    },
  };
}

function timesOf({
  one,
}: PrintedOptions): Pick<Destination, "connectTimeoutSeconds" | "handshakeSeconds" | "alive"> {
  const timeout = Number(one("connecttimeout")) || undefined;
  const interval = Number(one("serveraliveinterval") ?? 0);
  const alive =
    interval > 0
      ? { intervalSeconds: interval, countMax: Number(one("serveralivecountmax") ?? 3) || 3 }
      : ALIVE;
  return {
    connectTimeoutSeconds: timeout ?? 10,
    handshakeSeconds: timeout ?? patienceOf(alive),
    alive,
  };
}

function keyRules({ one, list }: PrintedOptions): KeyRules {
  const types = list("pubkeyacceptedalgorithms");
  if (["no", "false"].includes(one("pubkeyauthentication") ?? "")) {
    return { allowed: false, why: "PubkeyAuthentication no" };
  }
  const preferred = list("preferredauthentications");
  if (preferred.length > 0 && !preferred.includes("publickey")) {
    return { allowed: false, why: `PreferredAuthentications ${preferred.join(",")}` };
  }
  return { allowed: true, types };
}

function family(text: string | undefined): "any" | "inet" | "inet6" {
  return text === "inet" || text === "inet6" ? text : "any";
}

function agentSocket(value: string | undefined, path: (text: string) => string): string | undefined {
  if (value === "none") return undefined;
  const socket =
    value === undefined || value === "" || value === "SSH_AUTH_SOCK"
      ? process.env.SSH_AUTH_SOCK
      : path(value);
  return socket === undefined || socket === "" ? undefined : socket;
}

/** ssh prints lists of files without quotes: one name with spaces, if such a file is there, else several. */
function fileList(value: string | undefined, path: (text: string) => string): readonly string[] {
  if (value === undefined) return [];
  if (existsSync(path(value))) return [path(value)];
  return value.split(/\s+/).map(path);
}

/** Applies `~`, `$VARIABLE` and the tokens of ssh_config(5) that file names may have. */
export function expandPath(
  text: string,
  of: { readonly name: string; readonly host: string; readonly port: number; readonly user: string },
): string {
  const home = homedir();
  const tokens: Readonly<Record<string, string>> = {
    "%": "%",
    d: home,
    h: of.host,
    i: String(userInfo().uid),
    k: of.host,
    n: of.name,
    p: String(of.port),
    r: of.user,
    u: userInfo().username,
  };
  return text
    .replace(/^~(?=\/|$)/, home)
    .replace(/\$\{(\w+)\}/g, (whole, variable: string) => process.env[variable] ?? whole)
    .replace(/^\$(\w+)$/, (whole, variable: string) => process.env[variable] ?? whole)
    .replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole);
}
