import { UserError } from "../support/diagnostic.ts";

/** What may go wrong with the copies that are kept on a board. */

export function copyDamaged(board: string, what: string, path: string, times: number): UserError {
  return new UserError({
    code: "D151",
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
    code: "D152",
    exit: "boardRefused",
    title: `the ${what} of ${mib(bytes)} has no room among the copies on \`${board}\``,
    why: `they may take ${mib(limitBytes)} together, with what others are sending now`,
    help: [`let them take more: --remote-limit ${Math.ceil((bytes * 2) / 1e6)}MB`],
  });
}

function mib(bytes: number): string {
  return `${(bytes / 1048576).toFixed(1)} MiB`;
}
