import { detectTarget } from "../../device/detect-target.ts";
import { type Finding, judgeBoard } from "../../device/doctor.ts";
import { type Holdings, kibOf, planCleaning } from "../../device/known/holdings.ts";
import { rememberBoard } from "../../device/known/used-boards.ts";
import type { Visit } from "../../device/ssh/visit.ts";
import { listTargets, loadTarget } from "../../machine/load.ts";
import { UserError } from "../../support/diagnostic.ts";
import { type EachOptions, eachBoard } from "./each-board.ts";
import type { KnownBoard } from "./known-boards.ts";

/** A board as it is now. */
export interface ListedBoard extends KnownBoard {
  readonly now: BoardNow;
}
export type BoardNow =
  /** A target that runs on this machine. */
  | { readonly kind: "here" }
  | { readonly kind: "silent"; readonly error: UserError }
  | {
      readonly kind: "answers";
      readonly model?: string;
      readonly busy?: Holdings["busy"];
      readonly diskFreeMiB?: number;
      readonly copies: Amount;
      /** What runs and uploads that were cut off have left. */
      readonly left: Amount;
      readonly staleLocks: number;
      readonly health: Health;
    };
export interface Amount {
  readonly count: number;
  readonly kib: number;
}
/** The worst verdict, and what was found that is not well. */
export interface Health {
  readonly verdict: Finding["verdict"];
  readonly findings: readonly Finding[];
}

export interface ListOptions extends EachOptions {
  /** For boards of which no configuration is known. */
  readonly sshConfig?: string | undefined;
  readonly remoteDir?: string | undefined;
}

/** Asks each board what it is, who has it, what it keeps and how it is. Nothing is put there. */
export async function listBoards(
  boards: readonly KnownBoard[],
  options: ListOptions,
): Promise<readonly ListedBoard[]> {
  const { visitBoard } = await import("../../device/ssh/visit.ts");
  const found = await eachBoard(boards, options, async (board, signal): Promise<ListedBoard> => {
    if (runsHere(board.name)) return { ...board, target: board.name, now: { kind: "here" } };
    const place = placeOf(board, options);
    const visit = await visitBoard(board.name, {
      ...(place.sshConfig !== undefined && { configFile: place.sshConfig }),
      remoteDir: place.remoteDir,
      signal,
    });
    const known = targetOf(board, visit);
    const seen = Date.now();
    await rememberBoard(place, known, seen);
    return { ...board, ...(known !== undefined && { target: known }), seen, now: nowOf(visit, known) };
  });
  return found.map((listed, i) =>
    listed instanceof UserError
      ? { ...(boards[i] as KnownBoard), now: { kind: "silent", error: listed } }
      : listed,
  );
}

/** How a board is reached: as it was before, else as the command line says. */
export function placeOf(
  { name, sshConfig, remoteDir }: KnownBoard,
  asked: Pick<ListOptions, "sshConfig" | "remoteDir">,
): Pick<KnownBoard, "name" | "sshConfig" | "remoteDir"> {
  return { name, sshConfig: sshConfig ?? asked.sshConfig, remoteDir: remoteDir ?? asked.remoteDir };
}

export function runsHere(name: string): boolean {
  return listTargets().includes(name) && loadTarget(name).board.run !== "ssh";
}

/** What it was taken for before, else what it says that it is. */
function targetOf(board: KnownBoard, { facts }: Visit): string | undefined {
  if (board.target !== undefined) return board.target;
  const found = detectTarget(facts);
  return found.kind === "unknown" ? undefined : found.target.name;
}

function nowOf({ holdings, facts, state }: Visit, target: string | undefined): BoardNow {
  const { left } = planCleaning(holdings);
  const { busy, diskFreeMiB, staleLocks, items } = holdings;
  const wanted = target !== undefined && listTargets().includes(target) ? loadTarget(target) : undefined;
  const all = { ...facts, ...(diskFreeMiB !== undefined && { diskFreeMiB }) };
  return {
    kind: "answers",
    ...(facts.model !== undefined && { model: facts.model }),
    ...(busy !== undefined && { busy }),
    ...(diskFreeMiB !== undefined && { diskFreeMiB }),
    copies: amountOf(items.filter(({ kind }) => kind === "copy")),
    left: amountOf(left),
    staleLocks,
    health: healthOf(judgeBoard(all, state, wanted)),
  };
}

function amountOf(items: Holdings["items"]): Amount {
  return { count: items.length, kib: kibOf(items) };
}

function healthOf(found: readonly Finding[]): Health {
  const findings = found.filter(({ verdict }) => verdict !== "ok");
  const fails = findings.some(({ verdict }) => verdict === "fail");
  return { verdict: fails ? "fail" : findings.length > 0 ? "warn" : "ok", findings };
}
