import { UserError } from "../support/diagnostic.ts";
import { type Endpoint, sshLine } from "./board-failures.ts";
import { plainText } from "./plain-text.ts";

/** Why a link that stands does not do what is asked of it. */

/** `doing`: what it was asked to do. */
export function boardSilent(board: string, doing: string, seconds: number): UserError {
  return new UserError({
    code: "D109",
    exit: "boardUnreachable",
    title: `\`${board}\` does not answer: it was to ${doing}, and said nothing for ${seconds} s`,
    help: [
      "the link stands but the board does not work: see its load, its memory and its disk (`uptime`, `dmesg | tail`)",
      "ServerAliveInterval and ServerAliveCountMax in your ssh configuration say how long is waited (75 s without them)",
    ],
  });
}

/** `reason`: what of the configuration only the program `ssh` can do. */
export function programFailed(at: Endpoint, reason: string, said: string): UserError {
  const refused = /permission denied|host key|authenticat/i.test(said);
  return new UserError({
    code: "D115",
    exit: refused ? "boardRefused" : "boardUnreachable",
    title: `the program \`ssh\` does not reach \`${at.name}\``,
    why: [...plainText(said).trim().split("\n").slice(-8), `it was asked because of ${reason}`].join("\n"),
    help: [
      `see what \`${sshLine(at, "ssh -v -o BatchMode=yes")}\` says; it may ask for nothing here, no word and no touch`,
    ],
  });
}

/** `said`: what the program says, or the board's state. */
export function adbFailed(board: string, serial: string, said: string): UserError {
  return new UserError({
    code: "D116",
    exit: "boardUnreachable",
    title: `the program \`adb\` does not reach \`${plainText(board)}\``,
    why: plainText(said).trim().split("\n").slice(-4).join("\n"),
    help: [
      `see whether \`adb devices\` lists ${plainText(serial)} as a device; one that is unauthorized asks on its screen`,
    ],
  });
}
