import { basename, join } from "node:path";
import { fileName } from "../../support/text.ts";

/** Where what is found of MODEL on a board is logged when no other file is named. */
export function logFile(kind: "sweep" | "tune", model: string, board: string): string {
  return join(".tilewright", kind, `${fileName(basename(model))}-${fileName(board)}.jsonl`);
}
