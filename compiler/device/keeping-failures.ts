import { UserError } from "../support/diagnostic.ts";

/** What may go wrong with what is kept on a board: copies, and the lock of the machine. */

export function copyDamaged(board: string, what: string, path: string, times: number): UserError {
  return new UserError({
    code: "D161",
    exit: "boardRefused",
    title: `\`${board}\` does not keep what it is sent: its copy of the ${what} was wrong ${times} times`,
    why: `${path} has another content than was written`,
    help: [
      "the card or disk may be worn out, or full: see `dmesg | tail` and `df` there",
      "keep copies in another place: --remote-dir FOLDER",
    ],
  });
}

export function noRoom(board: string, what: string, bytes: number, limitBytes: number): UserError {
  return new UserError({
    code: "D162",
    exit: "boardRefused",
    title: `the ${what} of ${mib(bytes)} has no room among the copies on \`${board}\``,
    why: `they may take ${mib(limitBytes)} together, with what others are sending now`,
    help: [`let them take more: --remote-limit ${Math.ceil((bytes * 2) / 1e6)}MB`],
  });
}

/** A part of an answer is never taken for the whole. */
export function answerTooLong(board: string, doing: string, limitBytes: number): UserError {
  return new UserError({
    code: "D163",
    exit: "boardRefused",
    title: `\`${board}\` answers with more than ${mib(limitBytes)}: it was to ${doing}`,
    help: [
      "see what its start-up files print, and how much lies in the folder of copies (`ls -A .cache/tilewright | wc -l` there)",
      "what Tilewright keeps there can go: `rm -rf .cache/tilewright`",
    ],
  });
}

/** `heldSeconds`: for how long by whoever has it now. */
export function boardBusy(
  board: string,
  holder: string,
  heldSeconds: number,
  waitedSeconds: number,
): UserError {
  return new UserError({
    code: "D123",
    exit: "boardRefused",
    title: `\`${board}\` is in use by ${holder}, for ${seconds(heldSeconds)} now`,
    why: `waited ${seconds(waitedSeconds)}; two programs at a time would spoil each other's times`,
    help: ["run again later, or wait longer: --lock-wait 10m"],
  });
}

/** 7 s, 3 min, 2 h. */
export function seconds(count: number): string {
  if (count < 120) return `${Math.round(count)} s`;
  return count < 7200 ? `${Math.round(count / 60)} min` : `${Math.round(count / 3600)} h`;
}

function mib(bytes: number): string {
  return `${(bytes / 1048576).toFixed(1)} MiB`;
}
