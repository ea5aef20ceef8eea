import { listTargets, loadTarget } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { didYouMean } from "../../support/text.ts";

/**
 * The target to compile for when a network is to run on `board`: the one asked for, else the one named
 * as the board is (which an ssh alias may be as well). Throws C301 and what loadTarget throws.
 */
export function boardTarget(board: string, wanted: string | undefined): Target {
  if (wanted !== undefined) return loadTarget(wanted);
  if (listTargets().includes(board)) return loadTarget(board);
  const close = didYouMean(board, listTargets());
  throw new UserError({
    code: "C301",
    exit: "usage",
    title: `what kind of board \`${board}\` is has to be said`,
    why: "it is reached over ssh, and no target has its name",
    help: [
      ...(close === undefined ? [] : [`did you mean \`--board ${close}\`?`]),
      `add --target TARGET, one of ${listTargets().join(", ")}`,
      "or give the host that name in ~/.ssh/config",
    ],
  });
}
