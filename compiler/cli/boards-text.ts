import { seconds } from "../device/keeping-failures.ts";
import type { Amount, BoardNow, ListedBoard } from "../driver/boards/list-boards.ts";
import { counted, kib } from "../support/text.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** A row for each board, then what is wrong with those that are not well. */
export async function boardsText(
  boards: readonly ListedBoard[],
  colors: Terminal["outColors"],
  now: number,
): Promise<string> {
  const rows = boards.map((board) => [
    board.name,
    board.pools.join(", "),
    board.target ?? "?",
    ...cells(board.now, colors),
    board.now.kind === "here" ? "" : seenText(board.seen, now),
  ]);
  const table = await plainTable(
    ["board", "pool", "target", "state", "copies", "left", "disk free", "health", "last seen"],
    rows,
  );
  return [table, ...boards.flatMap(complaints)].join("\n");
}

function cells(now: BoardNow, colors: Terminal["outColors"]): readonly string[] {
  if (now.kind === "here") return ["here", "", "", "", ""];
  if (now.kind === "silent") return [colors.red("does not answer"), "", "", "", ""];
  const { busy, copies, left, diskFreeMiB, health } = now;
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }[health.verdict];
  return [
    busy === undefined ? "free" : `in use for ${seconds(busy.held)}`,
    amountText(copies),
    amountText(left),
    diskFreeMiB === undefined ? "?" : mib(diskFreeMiB),
    paint(health.verdict === "ok" ? "ok" : `${health.verdict}: ${hopsOf(now)}`),
  ];
}

function hopsOf({ health }: Extract<BoardNow, { kind: "answers" }>): string {
  const worst = health.findings.filter(({ verdict }) => verdict === health.verdict);
  return [...new Set(worst.map(({ hop }) => hop))].join(", ");
}

/** "3 (4 MiB)"; nothing of none. */
export function amountText({ count, kib: size }: Amount): string {
  return count === 0 ? "" : `${count} (${kib(size * 1024)})`;
}

function mib(amount: number): string {
  return amount < 10_240 ? `${amount} MiB` : `${Math.round(amount / 1024)} GiB`;
}

function seenText(seen: number | undefined, now: number): string {
  if (seen === undefined) return "never";
  const ago = Math.max(0, now - seen) / 1000;
  if (ago < 60) return "now";
  return ago < 2 * 86_400 ? `${seconds(ago)} ago` : `${counted(Math.round(ago / 86_400), "day")} ago`;
}

function complaints({ name, now }: ListedBoard): readonly string[] {
  if (now.kind === "silent") {
    const { code, title } = now.error.diagnostic;
    return [`${name}: error[${code}]: ${title}`];
  }
  if (now.kind === "here") return [];
  const { busy, staleLocks, health } = now;
  return [
    ...(busy === undefined ? [] : [`${name}: in use by ${busy.holder}`]),
    ...(staleLocks === 0 ? [] : [`${name}: ${counted(staleLocks, "old lock")}`]),
    ...health.findings.map(({ hop, says }) => `${name}: ${hop}: ${says}`),
  ];
}

/** The same as JSON; an error is its code and what it says. */
export function boardsJson(boards: readonly ListedBoard[]): unknown {
  return boards.map(({ name, target, pools, sshConfig, remoteDir, seen, now }) => ({
    ...{ board: name, target, pools, ssh_config: sshConfig, remote_dir: remoteDir },
    ...(seen !== undefined && { last_seen: new Date(seen).toISOString() }),
    reachable: now.kind !== "silent",
    ...nowJson(now),
  }));
}

function nowJson(now: BoardNow): object {
  switch (now.kind) {
    case "here":
      return { here: true };
    case "silent": {
      const { code, title, why } = now.error.diagnostic;
      return { error: { code, title, why } };
    }
    case "answers": {
      const { model, busy, copies, left, staleLocks, diskFreeMiB, health } = now;
      return {
        model,
        lock: busy === undefined ? null : { holder: busy.holder, seconds: busy.held },
        ...{ copies, left, stale_locks: staleLocks, disk_free_mib: diskFreeMiB, health },
      };
    }
  }
}
