import { UserError } from "../support/diagnostic.ts";

/** Why a link that stands does not do what is asked of it. */

/** `doing`: what it was asked to do. */
export function boardSilent(board: string, doing: string, seconds: number): UserError {
  return new UserError({
    code: "D109",
    exit: "boardUnreachable",
    title: `\`${board}\` does not answer: it was to ${doing}, and said nothing for ${seconds} s`,
    help: [
      "the link stands but the board does not work: see its load, its memory and its disk (`uptime`, `dmesg | tail`)",
      "ServerAliveInterval times ServerAliveCountMax in your ssh configuration is how long is waited (60 s without them)",
    ],
  });
}
