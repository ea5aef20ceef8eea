import { UserError } from "../support/diagnostic.ts";
import { didYouMean, kib, typedWord } from "../support/text.ts";
import { plainText } from "./plain-text.ts";

/** Why a board cannot be reached or does not take work (before a program of ours runs there). */

/** A host on the way: `name` as the user typed it, and what the ssh configuration makes of it. */
export interface Endpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Words that name it to the program `ssh`, whatever configuration is used; absent: its name. */
  readonly words?: readonly string[];
  /** The board behind it, when this is a jump host. */
  readonly onTheWayTo?: string;
}

export function unknownBoard(name: string, targets: readonly string[]): UserError {
  const close = didYouMean(name, targets);
  return new UserError({
    code: "D101",
    exit: "unknownTarget",
    title: `no board is named \`${name}\``,
    why: "it is neither a target that runs here, nor a host alias of your ssh configuration, nor a known host name",
    help: [
      ...(close === undefined ? [] : [`did you mean \`${close}\`?`]),
      `boards that run here: ${targets.join(", ")}; any other is given as user@host`,
    ],
  });
}

export function poolOfBoards(name: string, boards: readonly string[]): UserError {
  return new UserError({
    code: "D185",
    exit: "usage",
    title: `\`${name}\` is a pool of several boards, and this is done on one`,
    help: [`take one of them: ${boards.join(", ")}`, "`sweep` and `tune` spread work over a pool"],
  });
}

export function hostNotFound(at: Endpoint): UserError {
  const port = /^(?<host>[^:[\]]+):(?<port>\d+)$/.exec(at.host)?.groups;
  return new UserError({
    code: "D102",
    exit: "boardUnreachable",
    title: `${subject(at)} cannot be reached: no address is known for ${at.host}`,
    ...onTheWay(at),
    help: [
      port === undefined
        ? `try \`ping ${at.host}\`; a board on the local network is often called ${firstLabel(at.host)}.local`
        : `give the port like this: ssh://${at.user}@${port.host}:${port.port}`,
    ],
  });
}

export function connectionRefused(at: Endpoint): UserError {
  return new UserError({
    code: "D103",
    exit: "boardUnreachable",
    title: `${subject(at)} cannot be reached: ${at.host} port ${at.port} refused the connection`,
    ...onTheWay(at),
    help: [
      "the machine is there but no ssh server listens on that port;",
      "on a Raspberry Pi turn it on with `sudo raspi-config` (Interface Options, SSH), elsewhere `sudo systemctl start ssh`",
    ],
  });
}

export function noAnswer(at: Endpoint, reason: string): UserError {
  return new UserError({
    code: "D104",
    exit: "boardUnreachable",
    title: `${subject(at)} cannot be reached: ${at.host} port ${at.port}: ${reason}`,
    ...onTheWay(at),
    help: ["see that it has power and is on the network, and that no firewall is between you and it"],
  });
}

export function toolMissing(tool: string, aptPackage: string): UserError {
  return new UserError({
    code: "D105",
    exit: "missingTool",
    title: `the program \`${tool}\` is not installed`,
    help: [`sudo apt-get install ${aptPackage}`],
  });
}

export function sshConfigRefused(typed: string, said: string): UserError {
  const name = plainText(typed).replaceAll("\n", " ");
  return new UserError({
    code: "D106",
    exit: "usage",
    title: `ssh does not understand the destination \`${name}\` or its configuration`,
    why: plainText(said),
    help: [`see what \`ssh -G ${typedWord(name)}\` says`],
  });
}

export function handshakeFailed(at: Endpoint, reason: string): UserError {
  return new UserError({
    code: "D107",
    exit: "boardUnreachable",
    title: `${subject(at)} did not complete an ssh handshake`,
    ...onTheWay(at),
    why: plainText(reason),
    help: [`see what \`${sshLine(at, "ssh -v")}\` says`],
  });
}

export function proxyFailed(at: Endpoint, reason: string): UserError {
  return new UserError({
    code: "D108",
    exit: "boardUnreachable",
    title: `the way to \`${at.name}\` that your ssh configuration gives does not lead there`,
    why: plainText(reason),
    help: [`see what \`${sshLine(at, "ssh -v")}\` says`],
  });
}

export function hostKeyUnknown(
  at: Endpoint,
  key: { readonly type: string; readonly fingerprint: string; readonly lookup: string },
  files: readonly string[],
): UserError {
  return new UserError({
    code: "D111",
    exit: "boardRefused",
    title: `the host key of \`${at.name}\` is not known, so it may be another machine`,
    ...onTheWay(at),
    why: [
      `it shows ${key.type} ${key.fingerprint};`,
      `there is no key for ${key.lookup} in ${files.join(" or ")}`,
    ].join("\n"),
    help: [
      `log in once with \`${sshLine(at)}\`, compare the fingerprint with the board's own`,
      "(`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` typed there), and answer yes",
    ],
  });
}

export function hostKeyChanged(
  at: Endpoint,
  key: { readonly type: string; readonly fingerprint: string; readonly lookup: string },
  known: readonly {
    readonly file: string;
    readonly line: number;
    readonly type: string;
    readonly fingerprint: string;
  }[],
): UserError {
  return new UserError({
    code: "D112",
    exit: "boardRefused",
    title: `the host key of \`${at.name}\` has changed: this may be another machine in its place`,
    ...onTheWay(at),
    why: [
      `it shows ${key.type} ${key.fingerprint};`,
      ...known.map((k) => `expected ${k.type} ${k.fingerprint} (${k.file} line ${k.line})`),
    ].join("\n"),
    help: [
      "if you installed the board anew, forget the old key and log in once:",
      ...[...new Set(known.map((k) => k.file))].map(
        (file) => `ssh-keygen -f ${typedWord(file)} -R '${key.lookup}'`,
      ),
    ],
  });
}

export function hostKeyRevoked(
  at: Endpoint,
  key: { readonly type: string; readonly fingerprint: string },
  file: string,
): UserError {
  return new UserError({
    code: "D113",
    exit: "boardRefused",
    title: `the host key of \`${at.name}\` is revoked`,
    ...onTheWay(at),
    why: `it shows ${key.type} ${key.fingerprint}, which ${file} marks as stolen or withdrawn`,
    help: ["do not use this machine before its owner has given it a new key"],
  });
}

export function loginRefused(
  at: Endpoint,
  tried: readonly string[],
  skipped: readonly string[],
  accepted: readonly string[],
): UserError {
  return new UserError({
    code: "D114",
    exit: "boardRefused",
    title: `\`${at.name}\` refused the login of \`${at.user}\``,
    ...onTheWay(at),
    why: [
      tried.length === 0 ? "there was no key to try" : `tried: ${tried.join(", ")}`,
      ...skipped.map((line) => `not tried: ${line}`),
      ...(accepted.length === 0 ? [] : [`the board accepts: ${accepted.join(", ")}`]),
    ].join("\n"),
    help: [
      `put your key on the board: ${sshLine(at, "ssh-copy-id")}`,
      "only keys and the ssh agent are used, never passwords",
    ],
  });
}

/** `neededBytes`: undefined when that is not known. */
export function diskFull(
  at: Endpoint,
  folder: string,
  freeBytes: number,
  neededBytes: number | undefined,
): UserError {
  // The board's shell reads it once more.
  const remove = `rm -rf ${typedWord(folder)}`;
  return new UserError({
    code: "D121",
    exit: "boardRefused",
    title: `the disk of \`${at.name}\` is full${neededBytes === undefined ? "" : `: ${kib(neededBytes)} do not fit`}`,
    why: `${folder} has ${kib(freeBytes)} left`,
    help: [
      `free some there; what Tilewright keeps can go: ${sshLine(at)} ${folder === typedWord(folder) ? remove : typedWord(remove)}`,
    ],
  });
}

export function cannotWrite(board: string, path: string, reason: string): UserError {
  return new UserError({
    code: "D122",
    exit: "boardRefused",
    title: `cannot write ${path} on \`${board}\``,
    why: plainText(reason),
    help: ["see who owns the folder and whether its file system is read-only: `ls -ld` and `mount` there"],
  });
}

export function commandsRefused(at: Endpoint, reason: string): UserError {
  return new UserError({
    code: "D125",
    exit: "boardRefused",
    title: `\`${at.name}\` does not run commands for this account`,
    why: plainText(reason),
    help: [`see what \`${sshLine(at)} true\` says`],
  });
}

export function connectionLost(board: string, reason: string): UserError {
  return new UserError({
    code: "D133",
    exit: "boardUnreachable",
    title: `the connection to \`${board}\` was lost`,
    why: plainText(reason),
    help: [
      "see whether it has restarted (`uptime` there): undervoltage and heat do that under load",
      "then run again",
    ],
  });
}

export function qemuMissing(board: string, emulator: string): UserError {
  return new UserError({
    code: "D141",
    exit: "missingTool",
    title: `\`${board}\` needs the emulator \`${emulator}\`, which is not installed`,
    help: ["sudo apt-get install qemu-user"],
  });
}

export function onlyOverSsh(name: string, emulated: string | undefined): UserError {
  return new UserError({
    code: "D142",
    exit: "usage",
    title: `\`${name}\` is a kind of board; say where yours is`,
    help: [
      `--board user@host --target ${name}`,
      ...(emulated === undefined ? [] : [`without the hardware: --board ${emulated}`]),
    ],
  });
}

/** A command that is typed for this place. */
export function sshLine({ name, words = [name] }: Endpoint, program = "ssh"): string {
  return [program, ...words.filter((word) => word !== "--").map(typedWord)].join(" ");
}

function subject(at: Endpoint): string {
  return at.onTheWayTo === undefined ? `board \`${at.name}\`` : `jump host \`${at.name}\``;
}

function onTheWay(at: Endpoint): { where?: string } {
  return at.onTheWayTo === undefined ? {} : { where: `jump host ${at.name}, on the way to ${at.onTheWayTo}` };
}

function firstLabel(host: string): string {
  return host.split(".")[0] ?? host;
}
