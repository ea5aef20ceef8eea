import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type BoardFacts, parseFacts } from "../../compiler/device/board-facts.ts";
import { type BoardState, parseBoardState } from "../../compiler/device/board-state.ts";

const FOLDER = new URL("boards/", import.meta.url).pathname;

/** Boards whose files are in test/device/boards, as published; their first line says where. */
export const STAND_INS = readdirSync(FOLDER).map((file) => file.replace(".txt", ""));

export interface StandIn {
  readonly facts: BoardFacts;
  readonly state: BoardState;
}

/**
 * What the board's scripts say on a board of these files. A file there is `machine NAME`, then `== PATH` and the lines of each;
 * in /proc/cpuinfo `4 of` stands for the lines after it, four times.
 */
export function standIn(name: string, change: (text: string) => string = (text) => text): StandIn {
  const [head = "", ...files] = change(readFileSync(join(FOLDER, `${name}.txt`), "utf8")).split(/^== /m);
  const machine = /^machine (.*)$/m.exec(head)?.[1] ?? "";
  const root = mkdtempSync(join(tmpdir(), "stand-in-"));
  try {
    for (const file of files) {
      const [path = "", ...lines] = file.trimEnd().split("\n");
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content(path, lines));
    }
    const said = (script: string): string => {
      const file = new URL(`../../templates/board/${script}.sh`, import.meta.url).pathname;
      const text = execFileSync("sh", [file, root], { stdio: ["ignore", "pipe", "ignore"] }).toString();
      return text.replace(/^machine .*$/m, `machine ${machine}`);
    };
    return { facts: parseFacts(said("probe")), state: parseBoardState(said("state")) };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function content(path: string, lines: readonly string[]): string {
  if (path.startsWith("/proc/device-tree/")) return lines.map((line) => `${line}\0`).join("");
  if (path !== "/proc/cpuinfo") return `${lines.join("\n")}\n`;
  let processors = 0;
  return lines
    .join("\n")
    .split(/^(\d+) of\n/m)
    .slice(1)
    .reduce<string[]>((all, part, i, parts) => {
      if (i % 2 === 0) return all;
      const count = Number(parts[i - 1]);
      for (let n = 0; n < count; n++) all.push(`processor\t: ${processors++}\n${part.trimEnd()}\n\n`);
      return all;
    }, [])
    .join("");
}
