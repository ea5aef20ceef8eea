import { seconds } from "../device/keeping-failures.ts";
import { type Kept, kibOf } from "../device/known/holdings.ts";
import type { CleanedBoard } from "../driver/boards/clean-boards.ts";
import { counted, kib } from "../support/text.ts";

/** A line for each board and for each kind of what it keeps. */
export function cleanedText(boards: readonly CleanedBoard[], dryRun: boolean): readonly string[] {
  const lines = boards.flatMap(({ name, cleaned, error }) => {
    if (cleaned === undefined) return [`${name}: error[${error?.diagnostic.code}]: ${error?.message}`];
    const { removed, kept, staleLocks, busy } = cleaned;
    const gone = [...kindsText(removed), ...(staleLocks === 0 ? [] : [counted(staleLocks, "old lock")])].join(
      ", ",
    );
    const verb = dryRun ? "would remove" : "removed";
    const stays = kindsText(kept).join(", ");
    const why =
      busy === undefined ? "others may be at it" : `in use by ${busy.holder}, for ${seconds(busy.held)} now`;
    return [
      `${name}: ${gone === "" ? `${verb} nothing` : `${verb} ${gone}`}`,
      ...(stays === "" ? [] : [`${name}: ${dryRun ? "would keep" : "kept"} ${stays}: ${why}`]),
    ];
  });
  return lines.length > 0 ? lines : ["no board is known"];
}

const KINDS: readonly (readonly [Kept["kind"], string, string])[] = [
  ["copy", "copy", "copies"],
  ["upload", "broken upload", "broken uploads"],
  ["run", "folder of a run", "folders of runs"],
];

/** "3 copies (4 MiB)", "1 folder of a run (4 KiB)". */
function kindsText(items: readonly Kept[]): readonly string[] {
  return KINDS.flatMap(([kind, one, many]) => {
    const these = items.filter((item) => item.kind === kind);
    const amount = kib(kibOf(these) * 1024);
    return these.length === 0 ? [] : [`${these.length} ${these.length === 1 ? one : many} (${amount})`];
  });
}

export function cleanedJson(boards: readonly CleanedBoard[]): unknown {
  return boards.map(({ name, cleaned, error }) => {
    if (cleaned === undefined) {
      const { code, title, why } = error?.diagnostic ?? {};
      return { board: name, error: { code, title, why } };
    }
    const { removed, kept, staleLocks, busy } = cleaned;
    return {
      ...{ board: name, removed, removed_kib: kibOf(removed), kept, stale_locks: staleLocks },
      lock: busy === undefined ? null : { holder: busy.holder, seconds: busy.held },
    };
  });
}
