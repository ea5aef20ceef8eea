import { cannotWrite } from "../board-failures.ts";
import { askBoard } from "../board-script.ts";
import { isLeftBehind } from "../owned-names.ts";
import { exec } from "./exec.ts";
import type { Connection } from "./transport.ts";

/** Where Tilewright keeps things on a board. */
export interface BoardFolders {
  readonly cache: string;
  readonly runs: string;
  /** The board's command for checksums of its input: of sha256, or `cksum`; empty when it has none. */
  readonly sums: string;
  /** Names of uploads of this machine that were cut off. */
  readonly parts: Set<string>;
}

const SUMS = ["sha256sum", "busybox sha256sum", "openssl dgst -sha256 -r", "cksum"];

/**
 * Makes the folders where they are missing and removes what runs of this machine have left there.
 * `wanted` is a folder of the board's, relative to the one a login starts in. Throws D122, D125.
 */
export async function prepareFolders(to: Connection, wanted = ""): Promise<BoardFolders> {
  const lines = await askBoard(to, "prepare", [wanted]);
  const all = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const [cache] = all("folder");
  // A path of several lines is none that could be told apart from other words.
  if (cache === undefined || !/^\/\P{Cc}*$/u.test(cache)) {
    throw cannotWrite(
      to.at.name,
      wanted || ".cache/tilewright",
      all("refused")[0] ?? "its path cannot be read",
    );
  }
  const left = all("run").filter(isLeftBehind);
  if (left.length > 0) {
    const paths = left.slice(0, 500).map((name) => `${cache}/runs/${name}`);
    await exec(to, ["rm", "-rf", "--", ...paths], { doing: "remove what was left there", limitBytes: 65536 });
  }
  const [sums = ""] = all("sums");
  const parts = new Set(all("upload").filter(isLeftBehind));
  return { cache, runs: `${cache}/runs`, sums: SUMS.includes(sums) ? sums : "", parts };
}
